/** The files that tokenizers come in. */
import { readFileSync, statSync } from 'node:fs';
import { isJson } from '../json.ts';
import type { Json } from '../json.ts';

export const TOKENIZER_FILES = 'tokenizer.json';

/** The largest published tokenizers have 35 MB. */
const LARGEST = 256 * 2 ** 20;

/** The definition of a tokenizer as a tokenizer.json has it. Throws where the file is none. */
export function readDefinition(path: string): Json {
  if (statSync(path).size > LARGEST) throw new Error('it is larger than any tokenizer');
  const definition: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isJson(definition) || !isJson(definition['model'])) throw new Error('it has no "model"');
  return definition;
}
