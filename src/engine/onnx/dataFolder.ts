/** The one folder from which ONNX Runtime reads a model's weights. */
import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { OnnxModel } from './model.ts';

/** Paths relative to a model's data folder, by model: made once. */
const linked = new WeakMap<OnnxModel, { readonly folder: string; readonly names: ReadonlyMap<string, string> }>();

export function locationOf(model: OnnxModel, path: string): string {
  return linked.get(model)?.names.get(path) ?? path.slice(model.folder.length + 1);
}

/** The model's folder; where a data file really lies elsewhere (links, as in the Hugging Face cache), a folder of hard links. */
export function dataFolder(model: OnnxModel): string {
  const known = linked.get(model);
  if (known) return known.folder;
  const paths = new Set([...model.weights.values()].flatMap((weight) => (weight.storage.kind === 'file' ? [weight.storage.path] : [])));
  const isOutside = [...paths].some((path) => !path.startsWith(`${model.folder}/`) && dirname(path) !== model.folder);
  if (!isOutside) return model.folder;
  const folder = mkdtempSync(join(tmpdir(), 'cogscope-links-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // An engine whose other side goes just ends, and a link left behind would keep the weights on the disk.
  process.once('exit', remove);
  model.onClose(() => {
    process.off('exit', remove);
    remove();
  });
  const names = new Map<string, string>();
  [...paths].forEach((path, index) => {
    const name = `${index}-${basename(path)}`;
    try {
      linkSync(path, join(folder, name));
    } catch (error) {
      throw new CogscopeError('unreadable', 'The weights lie behind links that ONNX Runtime cannot follow', 'Copy the model and its data file into one folder', path, String(error));
    }
    names.set(path, name);
  });
  linked.set(model, { folder, names });
  return folder;
}
