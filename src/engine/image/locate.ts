/** Where what goes with a model lies: beside the model, then one and two folders up (cli.md). */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const PROCESSOR_FILE = 'preprocessor_config.json';

/** Folders are those of the path as given, not behind links. */
export function locateBeside(modelPath: string, file: string): string | undefined {
  const folder = dirname(resolve(modelPath));
  const folders = [folder, dirname(folder), dirname(dirname(folder))];
  return folders.map((candidate) => join(candidate, file)).find((candidate) => existsSync(candidate));
}
