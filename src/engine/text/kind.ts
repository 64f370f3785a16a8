/** Makes of tokenizers: how a token of each is read back to text. */
import { byteFallbackBytes, byteLevelBytes, showBytes } from './bytes.ts';
import { isJson } from './json.ts';
import type { Json } from './json.ts';
import { modelType } from './models.ts';

export interface TokenizerKind {
  /** "byte-level BPE" */
  readonly name: string;
  /** The token as a person reads it. */
  readonly show: (token: string) => string;
}

const utf8 = new TextEncoder();

/** Bytes of a token, ordinary or added: added tokens are spelt as plain text. */
const levelBytes = (token: string): Uint8Array => byteLevelBytes(token) ?? utf8.encode(token);
const showFallback = (token: string): string => showBytes(byteFallbackBytes(token));
const showLevel = (token: string): string => showBytes(levelBytes(token));

const hasPart = (part: unknown, type: string): boolean => {
  if (!isJson(part)) return false;
  if (part['type'] === type) return true;
  return Object.values(part).some((inner) => (Array.isArray(inner) ? inner.some((one) => hasPart(one, type)) : hasPart(inner, type)));
};

interface KindRow extends TokenizerKind {
  readonly fits: (model: Json, tokenizer: Json) => boolean;
}

const isByteLevel = (tokenizer: Json): boolean => ['normalizer', 'pre_tokenizer', 'decoder'].some((part) => hasPart(tokenizer[part], 'ByteLevel'));

/** The first row that fits. The mark at the end of a word (`</w>`) stands for what separates it from the next. */
const rows: readonly KindRow[] = [
  { name: 'WordPiece', show: (token) => token, fits: (model) => modelType(model) === 'WordPiece' },
  { name: 'Unigram', show: showFallback, fits: (model) => modelType(model) === 'Unigram' },
  { name: 'words', show: (token) => token, fits: (model) => modelType(model) === 'WordLevel' },
  { name: 'byte-level BPE with word ends', show: (token) => showWordEnd(token, showLevel), fits: (model, tokenizer) => model['end_of_word_suffix'] === '</w>' && isByteLevel(tokenizer) },
  { name: 'byte-level BPE', show: showLevel, fits: (_, tokenizer) => isByteLevel(tokenizer) },
  { name: 'byte-fallback BPE', show: showFallback, fits: (model) => model['byte_fallback'] === true },
  { name: 'BPE', show: (token) => token.replaceAll('▁', ' '), fits: () => true },
];

const showWordEnd = (token: string, show: (token: string) => string): string => (token.endsWith('</w>') ? `${show(token.slice(0, -4))}</w>` : show(token));

/** The make of a tokenizer.json. */
export function kindOf(tokenizer: Json): TokenizerKind {
  const model = isJson(tokenizer['model']) ? tokenizer['model'] : {};
  const found = rows.find((row) => row.fits(model, tokenizer));
  return found ?? { name: 'BPE', show: (token) => token };
}
