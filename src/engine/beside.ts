/** Where what goes with a model lies: beside the model, then one and two folders up (cli.md). */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The nearest first. They are those of the path as given, not behind links. */
export function foldersBeside(modelPath: string): readonly string[] {
  const folder = dirname(resolve(modelPath));
  return [folder, dirname(folder), dirname(dirname(folder))];
}

export const locateBeside = (modelPath: string, file: string): string | undefined =>
  foldersBeside(modelPath).map((folder) => join(folder, file)).find((candidate) => existsSync(candidate));
