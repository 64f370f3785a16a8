/** Making an index of neurons: what is asked for, what is foretold, how it goes. Plain data: it crosses process boundaries. */
import type { DescriptionsCarried } from './described.ts';

/** One file of text. */
export interface TextSource {
  readonly path: string;
  /** Of JSONL the key, of CSV and Parquet the column that holds the text; "text" unless given. */
  readonly field?: string;
}

export interface NeuronIndexParams {
  readonly texts: readonly TextSource[];
  /** The SQLite file of the index. One that is there is gone on with. */
  readonly db: string;
  /** Tokens of a row; the model's context unless given. */
  readonly length?: number;
  /** Begin anew where the index there was made from another model, another text or by other settings. */
  readonly rebuild?: boolean;
  /** Tokens between two commits; for tests, which want many. */
  readonly chunkTokens?: number;
  /** Only foretell. */
  readonly dry?: boolean;
}

/** Before anything is done. Sizes and times are estimates from a small run. */
export interface NeuronForecast {
  readonly kind: 'forecast';
  readonly layers: number;
  readonly neurons: number;
  readonly heads: number;
  readonly files: number;
  readonly tokens: number;
  readonly bytes: number;
  /** To read the text that is left; readings and output tokens, whose time does not depend on it, come after. */
  readonly ms: number;
  /** Memory that the tables of examples take while the index is made. */
  readonly memory: number;
  /** Tokens that an earlier run has done. */
  readonly done: number;
  /** What is left out of the index, and why. */
  readonly refused: readonly string[];
  /** Of an index that this one takes the place of; null where that had none, and where an index is gone on with. */
  readonly descriptions: DescriptionsCarried | null;
}

export type NeuronIndexProgress =
  | NeuronForecast
  | { readonly kind: 'tokens'; readonly tokens: number; readonly of: number; readonly perSecond: number; readonly msLeft: number }
  /** All text is read; what is made from the tables at the end. */
  | { readonly kind: 'finishing'; readonly done: number; readonly of: number };

export interface NeuronIndexResult {
  readonly forecast: NeuronForecast;
  /** False: it was paused, or only foretold. */
  readonly finished: boolean;
  readonly tokens: number;
  readonly rows: number;
  readonly dead: number;
  readonly dense: number;
  readonly bytes: number;
  readonly ms: number;
}
