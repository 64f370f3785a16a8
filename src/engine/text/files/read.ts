/** The files that tokenizers come in, each read to what a tokenizer.json holds. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isJson, textOf } from '../json.ts';
import type { Json } from '../json.ts';
import { fromVocabularyAndMerges } from './bpeFiles.ts';
import { configure, idsOf } from './configure.ts';
import { fromSentencePiece } from './sentencePiece.ts';
import { frameAround } from './special.ts';
import { fromVocabularyText } from './wordPieceFile.ts';

/** The largest published tokenizers have 35 MB. */
const LARGEST = 256 * 2 ** 20;

interface FileRow {
  readonly fits: (name: string) => boolean;
  readonly read: (path: string, config: Json) => Json;
}

const text = (path: string): string => contents(path).toString('utf8');

const rows: readonly FileRow[] = [
  { fits: (name) => name.endsWith('.model'), read: (path, config) => ownClass(config, fromSentencePiece(contents(path))) },
  { fits: (name) => name.endsWith('.txt') && name !== 'merges.txt', read: (path, config) => fromVocabularyText(text(path), config) },
  { fits: (name) => name === 'vocab.json' || name === 'merges.txt', read: readPair },
  { fits: () => true, read: readJson },
];

/** The definition of a tokenizer, with what the tokenizer_config.json beside it changes. Throws where the file is none. */
export function readDefinition(path: string): Json {
  const config = readConfig(path);
  const row = rows.find(({ fits }) => fits(basename(path)));
  const definition = row?.read(path, config) ?? {};
  return configure(definition, config);
}

function readJson(path: string): Json {
  const definition: unknown = JSON.parse(text(path));
  if (!isJson(definition) || !isJson(definition['model'])) throw new Error('it has no "model"');
  return definition;
}

function readPair(path: string, config: Json): Json {
  const [vocab, merges] = ['vocab.json', 'merges.txt'].map((name) => join(dirname(path), name));
  if (vocab === undefined || merges === undefined || !existsSync(vocab) || !existsSync(merges)) throw new Error('vocab.json and merges.txt belong together, and one is missing');
  const added = join(dirname(path), 'added_tokens.json');
  return fromVocabularyAndMerges(JSON.parse(text(vocab)), text(merges), existsSync(added) ? JSON.parse(text(added)) : {}, config);
}

/** Classes that do to a text just what SentencePiece does, and the pieces that they put around it; the others number the pieces anew, or prepare the text. */
const classes: readonly (readonly [name: RegExp, before: readonly string[], behind: readonly string[]])[] = [
  [/^(Llama|CodeLlama)/, ['<s>'], []],
  [/^Gemma/, ['<bos>'], []],
  [/^T5/, [], ['</s>']],
  [/^(PreTrained|Tokenizers|$)/, [], []],
];

function ownClass(config: Json, definition: Json): Json {
  const name = textOf(config['tokenizer_class']);
  const found = classes.find(([of]) => of.test(name));
  if (!found) throw new Error(`${name} needs more than its SentencePiece model says; save its tokenizer.json`);
  return { ...definition, post_processor: frameAround(Object.fromEntries(idsOf(definition)), found[1], found[2]) };
}

function contents(path: string): Buffer {
  if (statSync(path).size > LARGEST) throw new Error('it is larger than any tokenizer');
  return readFileSync(path);
}

function readConfig(tokenizerPath: string): Json {
  const path = join(dirname(tokenizerPath), 'tokenizer_config.json');
  if (!existsSync(path)) return {};
  try {
    const config: unknown = JSON.parse(text(path));
    return isJson(config) ? config : {};
  } catch {
    throw new Error('the tokenizer_config.json beside it cannot be read');
  }
}
