/**
 * From a part of the text to the vocabulary's tokens. The search for the best cut is the library's; what becomes of characters that the
 * vocabulary lacks is decided here, since the place of each token must be known.
 */
import * as library from '@huggingface/tokenizers';
import { CogscopeError } from '../../shared/errors.ts';
import { byteTokens } from './bytes.ts';
import { isJson, list, rowOf, textOf } from './json.ts';
import type { Json } from './json.ts';
import { literal } from './unicode.ts';
import { broken } from './vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A token and the UTF-16 units of the part that it stands for. */
export interface Piece {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

export type Model = (part: string) => readonly Piece[];

/** A cut of the part, before it is known which of the pieces are tokens. */
interface Cut {
  readonly token: string;
  readonly units: number;
}

/** What becomes of pieces that are no tokens. */
interface Unknowns {
  /** The token for them. Without one a text with any is refused, unless they are left out. */
  readonly id: number | undefined;
  readonly areLeftOut: boolean;
  /** A run of them is one. */
  readonly fuses: boolean;
  readonly asBytes: boolean;
  /** Bytes are made of a whole run, or of each piece. */
  readonly fusesFirst: boolean;
}

function resolve(cuts: readonly Cut[], vocabulary: Vocabulary, unknowns: Unknowns): readonly Piece[] {
  const pieces: Piece[] = [];
  const bytesOf = (token: string): readonly number[] | undefined => {
    const ids = unknowns.asBytes ? byteTokens(token).map((byte) => vocabulary.ids.get(byte)) : [undefined];
    return ids.every((id) => id !== undefined) ? ids : undefined;
  };
  const joined = unknowns.fusesFirst ? fuse(cuts, (token) => (vocabulary.ids.get(token) ?? unknowns.id) === unknowns.id) : cuts;
  let at = 0;
  let isRun = false;
  for (const { token, units } of joined) {
    const place = { from: at, to: at + units };
    const id = vocabulary.ids.get(token);
    const bytes = id === undefined ? bytesOf(token) : undefined;
    const last = pieces.at(-1);
    const isUnknown = id === undefined && !bytes;
    if (id !== undefined) pieces.push({ id, ...place });
    else if (bytes) pieces.push(...bytePieces(token, at, bytes));
    else if (unknowns.id === undefined) {
      if (!unknowns.areLeftOut) throw new CogscopeError('refused', `The tokenizer has no token for ${JSON.stringify(token)}, nor one for what it does not know`, 'Change the text, or give token ids');
    } else if (unknowns.fuses && isRun && last) pieces[pieces.length - 1] = { ...last, to: place.to };
    else pieces.push({ id: unknowns.id, ...place });
    isRun = isUnknown;
    at += units;
  }
  return pieces;
}

/** Each byte stands for its character. */
function bytePieces(token: string, at: number, ids: readonly number[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = at;
  for (const character of token) {
    const length = Buffer.byteLength(character);
    for (const id of ids.slice(pieces.length, pieces.length + length)) pieces.push({ id, from, to: from + character.length });
    from += character.length;
  }
  return pieces;
}

function fuse(cuts: readonly Cut[], isUnknown: (token: string) => boolean): readonly Cut[] {
  const fused: Cut[] = [];
  let isRun = false;
  for (const cut of cuts) {
    const last = fused.at(-1);
    const unknown = isUnknown(cut.token);
    if (unknown && isRun && last) fused[fused.length - 1] = { token: last.token + cut.token, units: last.units + cut.units };
    else fused.push(cut);
    isRun = unknown;
  }
  return fused;
}

interface LibraryModels {
  readonly BPE: new (config: object) => { bpe(part: string): readonly string[] };
  readonly Unigram: new (config: object, end: string | undefined) => { tokenize(part: string): readonly string[]; readonly scores: number[] };
  readonly WordPiece: new (config: object) => { encode(parts: readonly string[]): readonly string[] };
}

/** The library's own declarations import without file extensions, which Node's resolution rules read as nothing. */
const { BPE, Unigram, WordPiece } = library as unknown as LibraryModels;

function bpe(config: Json, vocabulary: Vocabulary): Model {
  const merges = list(config['merges']).map((merge) => (typeof merge === 'string' ? merge.split(' ') : list(merge).map(textOf)));
  const suffix = textOf(config['end_of_word_suffix']);
  const unknown = config['unk_token'];
  if (textOf(config['continuing_subword_prefix']) !== '') throw new Error('BPE with a prefix for the rest of a word');
  if (typeof config['dropout'] === 'number' && config['dropout'] > 0) throw new Error('BPE that leaves merges out at random');
  if (suffix !== '' && config['byte_fallback'] === true) throw new Error('BPE with both a suffix and bytes');
  for (const [rank, merge] of merges.entries()) {
    const [left = '', right = ''] = merge;
    if (merge.length !== 2) throw broken(`merge ${rank + 1} does not join two tokens`);
    const missing = [left, right, left + right].find((token) => !vocabulary.ids.has(token));
    if (missing !== undefined) throw broken(`merge ${rank + 1} joins ${JSON.stringify(left)} and ${JSON.stringify(right)}, but ${JSON.stringify(missing)} is no token`);
  }
  const model = new BPE({ ...config, merges });
  const unknowns: Unknowns = {
    id: typeof unknown === 'string' ? vocabulary.ids.get(unknown) : undefined, areLeftOut: typeof unknown !== 'string',
    fuses: config['fuse_unk'] === true, asBytes: config['byte_fallback'] === true, fusesFirst: false,
  };
  return (part) => {
    if (config['ignore_merges'] === true && vocabulary.ids.has(part)) return resolve([{ token: part, units: part.length }], vocabulary, unknowns);
    const tokens = model.bpe(part);
    return resolve(tokens.map((token, index) => ({ token, units: token.length - (index === tokens.length - 1 ? suffix.length : 0) })), vocabulary, unknowns);
  };
}

/** `closed`: ids of tokens that no text becomes, as SentencePiece has them. */
function unigram(config: Json, vocabulary: Vocabulary): Model {
  const entries = list(config['vocab']).map(list);
  const unknown = typeof config['unk_id'] === 'number' ? config['unk_id'] : undefined;
  if (entries.length === 0 || entries.some(([token, score]) => typeof token !== 'string' || typeof score !== 'number')) throw broken('its vocabulary is not a list of tokens with scores');
  if (unknown !== undefined && !(unknown in entries)) throw broken(`its unknown token has the id ${unknown}, which is none`);
  const closed = new Set(list(config['closed']));
  const model = new Unigram({ ...config, vocab: entries.map(([token, score], id) => [closed.has(id) ? '' : token, score]) }, undefined);
  // The library takes the unknown token's own spelling for an unknown character.
  if (unknown !== undefined) model.scores[unknown] = Number(entries[unknown]?.[1]);
  const unknowns: Unknowns = { id: unknown, areLeftOut: false, fuses: true, asBytes: config['byte_fallback'] === true, fusesFirst: true };
  return (part) => resolve(model.tokenize(part).map((token) => ({ token, units: token.length })), vocabulary, unknowns);
}

function wordPiece(config: Json, vocabulary: Vocabulary): Model {
  const unknown = textOf(config['unk_token']);
  const prefix = textOf(config['continuing_subword_prefix']);
  const id = vocabulary.ids.get(unknown);
  if (id === undefined) throw broken('its unknown token is no token');
  const model = new WordPiece(config);
  return (part) => {
    const tokens = model.encode([part]);
    if (tokens.length === 1 && tokens[0] === unknown) return [{ id, from: 0, to: part.length }];
    return resolve(tokens.map((token, index) => ({ token, units: token.length - (index === 0 ? 0 : prefix.length) })), vocabulary, { id, areLeftOut: false, fuses: false, asBytes: false, fusesFirst: false });
  };
}

function wordLevel(config: Json, vocabulary: Vocabulary): Model {
  const id = vocabulary.ids.get(textOf(config['unk_token']));
  return (part) => resolve([{ token: part, units: part.length }], vocabulary, { id, areLeftOut: false, fuses: false, asBytes: false, fusesFirst: false });
}

/** Symbols that are tokens wherever they stand, as SentencePiece has them; the model sees what lies between. */
function withSymbols(symbols: readonly string[], model: Model, vocabulary: Vocabulary): Model {
  if (symbols.length === 0) return model;
  const pattern = new RegExp(symbols.toSorted((a, b) => b.length - a.length).map(literal).join('|'), 'gu');
  return (part) => {
    const pieces: Piece[] = [];
    const between = (from: number, to: number): void => {
      if (to > from) pieces.push(...model(part.slice(from, to)).map((piece) => ({ id: piece.id, from: piece.from + from, to: piece.to + from })));
    };
    let at = 0;
    for (const match of part.matchAll(pattern)) {
      between(at, match.index);
      at = match.index + match[0].length;
      pieces.push({ id: vocabulary.ids.get(match[0]) ?? 0, from: match.index, to: at });
    }
    between(at, part.length);
    return pieces;
  };
}

const rows: Readonly<Record<string, (config: Json, vocabulary: Vocabulary) => Model>> = { BPE: bpe, Unigram: unigram, WordPiece: wordPiece, WordLevel: wordLevel };

/** The type of a model; old files do not say it. */
export function modelType(model: Json): string {
  if (typeof model['type'] === 'string') return model['type'];
  if ('merges' in model) return 'BPE';
  if (Array.isArray(model['vocab'])) return 'Unigram';
  return 'continuing_subword_prefix' in model ? 'WordPiece' : '';
}

/** Throws where the kind is not known, and 'unreadable' where the file contradicts itself. */
export function modelOf(model: unknown, vocabulary: Vocabulary): Model {
  const config = isJson(model) ? model : {};
  const type = modelType(config);
  const row = rowOf(rows, type);
  if (!row) throw new Error(type === '' ? 'a model that does not say what it is' : `the model ${type}`);
  return withSymbols(list(config['symbols']).map(textOf), row(config, vocabulary), vocabulary);
}
