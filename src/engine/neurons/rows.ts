/** Texts as rows of tokens that the model is run on. */
import { CogscopeError } from '../../shared/errors.ts';
import type { TextSource } from '../../shared/neurons/build.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { piecesOf } from './text/piece.ts';
import { readPieces } from './text/source.ts';
import type { Piece } from './text/piece.ts';

/** A row: at most a context of tokens, from one piece of text. */
export interface Row {
  readonly ids: Uint32Array;
  /** Where each token begins, in units from {@link offset}. */
  readonly starts: Uint32Array;
  /** 1 where a token is the text's own: those that a tokenizer puts around a text fire as no others do, and are not counted. */
  readonly scored: Uint8Array;
  readonly source: number;
  readonly record: number;
  readonly offset: number;
  /** Where the text behind it begins. */
  readonly next: Position;
}

/** A place between two rows: pieces of a source that are done, and rows of the next piece. */
export interface Position {
  readonly source: number;
  readonly piece: number;
  readonly row: number;
}

/** Of ids alone, which stand in no text; all of them count. */
export const bareRow = (ids: Uint32Array): Row => ({ ids, starts: ids, scored: new Uint8Array(ids.length).fill(1), source: 0, record: 0, offset: 0, next: START });

export const START: Position = { source: 0, piece: 0, row: 0 };

export class RowReader {
  private readonly tokenizer: Tokenizer;
  private readonly length: number;
  private readonly before: readonly number[];
  private readonly behind: readonly number[];
  private readonly vocab: number | null;

  /** `length` counts the tokens that the tokenizer adds; ids must stay below `vocab`. */
  constructor(tokenizer: Tokenizer, length: number, vocab: number | null) {
    this.tokenizer = tokenizer;
    this.length = length;
    this.vocab = vocab;
    const framed = tokenizer.encode('a', { special: true });
    const own = framed.findIndex((token) => token.end > token.start);
    this.before = framed.slice(0, Math.max(own, 0)).map((token) => token.id);
    this.behind = framed.slice(own + 1).filter((token) => token.start === 1 && token.special).map((token) => token.id);
    if (this.before.length + this.behind.length >= length) {
      throw new CogscopeError('usage', `Rows of ${length} tokens have no room for text`, `Take rows of at least ${this.before.length + this.behind.length + 1} tokens`);
    }
  }

  /** From a place on, in the order of the files. */
  async* read(sources: readonly TextSource[], from: Position): AsyncGenerator<Row> {
    for (const [source, text] of sources.entries()) {
      if (source < from.source) continue;
      const skip = source === from.source ? from : START;
      let piece = 0;
      for await (const part of readPieces(text)) {
        if (piece >= skip.piece) yield* this.rowsOf(part, source, piece, piece === skip.piece ? skip.row : 0);
        piece++;
      }
    }
  }

  /** Of a text that is no file. */
  *ofText(text: string): Generator<Row> {
    let number = 0;
    for (const piece of piecesOf(text, 1)) yield* this.rowsOf(piece, 0, number++, 0);
  }

  private* rowsOf(piece: Piece, source: number, index: number, skip: number): Generator<Row> {
    const tokens = this.tokenizer.encode(piece.text, { special: false });
    const room = this.length - this.before.length - this.behind.length;
    const count = Math.ceil(tokens.length / room);
    for (let row = skip; row < count; row++) {
      const own = tokens.slice(row * room, (row + 1) * room);
      const outside = own.find((token) => this.vocab !== null && token.id >= this.vocab);
      if (outside) throw new CogscopeError('usage', `Token id ${outside.id} of the text is outside the vocabulary of ${this.vocab ?? 0}`, 'Use this model’s own tokenizer');
      const [first, last] = [own[0]?.start ?? 0, own.at(-1)?.end ?? 0];
      yield {
        ids: Uint32Array.from([...this.before, ...own.map((token) => token.id), ...this.behind]),
        starts: Uint32Array.from([...this.before.map(() => first), ...own.map((token) => token.start), ...this.behind.map(() => last)]),
        scored: Uint8Array.from([...this.before.map(() => 0), ...own.map((token) => (token.special ? 0 : 1)), ...this.behind.map(() => 0)]),
        source, record: piece.record, offset: piece.offset,
        next: row + 1 < count ? { source, piece: index, row: row + 1 } : { source, piece: index + 1, row: 0 },
      };
    }
  }
}
