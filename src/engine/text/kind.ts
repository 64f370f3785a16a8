/** Makes of tokenizers: how a token of each is read back to text. */
import { alignBytes } from './align.ts';
import type { Span } from './align.ts';
import { byteFallbackBytes, byteLevelBytes, showBytes } from './bytes.ts';
import { alignPieces, alignWordPieces } from './pieces.ts';
import type { TextView } from './view.ts';

/** What a make needs to know of one tokenizer. */
export interface Vocabulary {
  /** The token for what the vocabulary does not know. */
  readonly unknown: string;
  isPiece(text: string): boolean;
}

export interface TokenizerKind {
  /** "byte-level BPE" */
  readonly name: string;
  /** The token as a person reads it. */
  readonly show: (token: string) => string;
  /** Spans of tokens that make up the text; undefined where they do not. */
  readonly align: (view: TextView, tokens: readonly string[], vocabulary: Vocabulary) => readonly Span[] | undefined;
}

const utf8 = new TextEncoder();
const nothing = new Uint8Array(0);
const space = Uint8Array.of(0x20);

/** Bytes of a token, ordinary or added: added tokens are spelt as plain text. */
const levelBytes = (token: string): Uint8Array => byteLevelBytes(token) ?? utf8.encode(token);
const spaced = (token: string): string => token.replaceAll('▁', ' ');

/** Some tokenizers put a space before the text; the comparison tells which. */
const alignAsBytes = (bytesOf: (token: string) => Uint8Array) => (view: TextView, tokens: readonly string[]): readonly Span[] | undefined => {
  const bytes = tokens.map(bytesOf);
  return alignBytes(view, bytes, nothing) ?? alignBytes(view, bytes, space);
};

const alignAsPieces: TokenizerKind['align'] = (view, tokens, { unknown, isPiece }) =>
  alignPieces(view, tokens, unknown, '', isPiece) ?? alignPieces(view, tokens, unknown, ' ', isPiece);

const byteLevel: TokenizerKind = { name: 'byte-level BPE', show: (token) => showBytes(levelBytes(token)), align: alignAsBytes(levelBytes) };
const byteFallback: TokenizerKind = { name: 'byte-fallback BPE', show: (token) => showBytes(byteFallbackBytes(token)), align: alignAsBytes(byteFallbackBytes) };
const unigram: TokenizerKind = {
  name: 'Unigram',
  show: byteFallback.show,
  align: (view, tokens, vocabulary) => byteFallback.align(view, tokens, vocabulary) ?? alignAsPieces(view, tokens, vocabulary),
};
const wordPiece: TokenizerKind = {
  name: 'WordPiece',
  show: (token) => token,
  align: (view, tokens, { unknown }) => alignWordPieces(view, tokens, unknown),
};
const plain: TokenizerKind = { name: 'BPE', show: spaced, align: alignAsPieces };

export type Json = Readonly<Record<string, unknown>>;

const hasPart = (part: unknown, type: string): boolean => {
  if (typeof part !== 'object' || part === null) return false;
  if ((part as Json)['type'] === type) return true;
  return Object.values(part).some((inner) => (Array.isArray(inner) ? inner.some((one) => hasPart(one, type)) : hasPart(inner, type)));
};

interface KindRow {
  readonly kind: TokenizerKind;
  readonly fits: (model: Json, tokenizer: Json) => boolean;
}

/** The first row that fits. */
const rows: readonly KindRow[] = [
  { kind: byteLevel, fits: (model, tokenizer) => model['type'] !== 'WordPiece' && (hasPart(tokenizer['pre_tokenizer'], 'ByteLevel') || hasPart(tokenizer['decoder'], 'ByteLevel')) },
  { kind: wordPiece, fits: (model) => model['type'] === 'WordPiece' || 'continuing_subword_prefix' in model && model['continuing_subword_prefix'] === '##' },
  { kind: unigram, fits: (model) => model['type'] === 'Unigram' || Array.isArray(model['vocab']) },
  { kind: byteFallback, fits: (model) => model['byte_fallback'] === true },
];

/** The make of a tokenizer.json. */
export function kindOf(tokenizer: Json): TokenizerKind {
  const model = (tokenizer['model'] ?? {}) as Json;
  return rows.find((row) => row.fits(model, tokenizer))?.kind ?? plain;
}
