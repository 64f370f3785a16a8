/** Names of a classifier's classes, from the config.json that lies by the model. */
import { readFileSync } from 'node:fs';
import { locateBeside } from './beside.ts';

const CONFIG_FILE = 'config.json';

/** By their number; undefined where there are none, or not one for each of `count` classes. */
export function readLabels(modelPath: string, count: number | null): readonly string[] | undefined {
  const path = locateBeside(modelPath, CONFIG_FILE);
  if (path === undefined) return undefined;
  try {
    const { id2label } = JSON.parse(readFileSync(path, 'utf8')) as { readonly id2label?: unknown };
    if (typeof id2label !== 'object' || id2label === null) return undefined;
    const labels = Object.entries(id2label).sort(([a], [b]) => Number(a) - Number(b));
    const isWhole = labels.length === count && labels.every(([id, label], index) => Number(id) === index && typeof label === 'string');
    return isWhole ? labels.map(([, label]) => String(label)) : undefined;
  } catch {
    return undefined; // The classes then have numbers.
  }
}
