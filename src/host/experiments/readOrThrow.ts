import { openExperiment } from '../../experiments/experimentFile.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import { nameOf } from './names.ts';

/** The experiment of a text, with absolute paths; what is wrong with it as an error. */
export async function readOrThrow(path: string, text?: string): Promise<Experiment> {
  const { experiment, problems } = await openExperiment(path, text);
  if (experiment) return experiment;
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new CogscopeError('unreadable', `${first?.what ?? 'The experiment cannot be read'}${more}`, first?.todo ?? '', first ? `${nameOf({ path: first.file })}:${first.line}:${first.column}` : '');
}
