/** Where a model's tokenizer lies: beside the model, then one and two folders up (cli.md). */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** In each folder the first of these. */
const files: readonly (readonly string[])[] = [['tokenizer.json'], ['tokenizer.model'], ['spiece.model'], ['vocab.json', 'merges.txt'], ['vocab.txt']];

export const TOKENIZER_FILES = 'tokenizer.json, tokenizer.model, vocab.txt, or vocab.json with merges.txt';

/** The path of the tokenizer, or undefined where there is none. Folders are those of the path as given, not behind links. */
export function locateTokenizer(modelPath: string): string | undefined {
  const folder = dirname(resolve(modelPath));
  for (const candidate of [folder, dirname(folder), dirname(dirname(folder))]) {
    const found = files.find((names) => names.every((name) => existsSync(join(candidate, name))));
    if (found?.[0] !== undefined) return join(candidate, found[0]);
  }
  return undefined;
}
