/** Where the index of a model lies. Pure. */
import { createHash } from 'node:crypto';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';

const SUFFIX = '.neurons.db';
const OTHERWISE = '.cogscope';

export interface IndexPlace {
  readonly model: string;
  /** The workspace's folder that the model is in, or the first one; undefined without any. */
  readonly workspace: string | undefined;
  /** As the setting has it: relative to the workspace's folder, or absolute. */
  readonly folder: string;
}

/** Models of a workspace keep their way within it, so that two of one name do not meet; those of elsewhere have their place hashed into the name. */
export function indexPath({ model, workspace, folder }: IndexPlace): string {
  const base = workspace ?? dirname(model);
  const root = isAbsolute(folder) ? folder : join(base, folder === '' ? OTHERWISE : folder);
  const within = relative(base, model);
  const isInside = within !== '' && !within.startsWith('..') && !isAbsolute(within);
  if (isInside && !isAbsolute(folder)) return join(root, `${within}${SUFFIX}`);
  return join(root, `${basename(model)}-${createHash('sha256').update(model).digest('hex').slice(0, 12)}${SUFFIX}`);
}
