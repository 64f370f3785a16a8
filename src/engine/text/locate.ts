/** Where a model's tokenizer lies: beside the model, then one and two folders up (cli.md). */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const TOKENIZER_FILE = 'tokenizer.json';

/** The path of the tokenizer, or undefined where there is none. Folders are those of the path as given, not behind links. */
export function locateTokenizer(modelPath: string): string | undefined {
  const folder = dirname(resolve(modelPath));
  const folders = [folder, dirname(folder), dirname(dirname(folder))];
  return folders.map((candidate) => join(candidate, TOKENIZER_FILE)).find((candidate) => existsSync(candidate));
}
