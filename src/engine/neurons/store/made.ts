/** From what an index was made, and how far it is. */
import type { Position } from '../rows.ts';

export interface IndexSettings {
  readonly length: number;
  readonly chunkTokens: number;
  /** One token in so many is drawn for histograms. */
  readonly every: number;
  readonly seed: number;
}

export interface ModelIdentity {
  /** Of the file and of its external data. */
  readonly sha256: string;
  readonly tokenizer: string;
  readonly name: string;
}

export interface IndexedText {
  /** Relative to the index. */
  readonly path: string;
  readonly field: string | null;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is committed with each chunk. */
export interface IndexState {
  readonly position: Position;
  /** Tokens that count. */
  readonly tokens: number;
  /** Of these, those that were drawn. */
  readonly sampled: number;
  readonly lines: number;
  /** Estimated before the beginning. */
  readonly expected: number;
  /** All text is in it. */
  readonly read: boolean;
  /** Layers for which what is made at the end is made. */
  readonly layers: number;
  readonly finished: boolean;
}
