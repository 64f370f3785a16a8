/** Which of the files by a model is its tokenizer. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { foldersBeside } from '../beside.ts';

/** In each folder the first of these. */
const files: readonly (readonly string[])[] = [['tokenizer.json'], ['tokenizer.model'], ['spiece.model'], ['vocab.json', 'merges.txt'], ['vocab.txt']];

export const TOKENIZER_FILES = 'tokenizer.json, tokenizer.model, vocab.txt, or vocab.json with merges.txt';

/** The path of the tokenizer, or undefined where there is none. */
export function locateTokenizer(modelPath: string): string | undefined {
  for (const folder of foldersBeside(modelPath)) {
    const found = files.find((names) => names.every((name) => existsSync(join(folder, name))));
    if (found?.[0] !== undefined) return join(folder, found[0]);
  }
  return undefined;
}
