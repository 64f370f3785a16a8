/** What an index tells of neurons, heads and layers. Plain data: it crosses process boundaries. */
import type { ErrorData } from '../errors.ts';
import type { NeuronDescription } from './described.ts';
import type { NeuronMeanings, RankedNeuron } from './readings.ts';

/** How an index stands to the model that is open. */
export type NeuronIndexStanding =
  /** No file is there. */
  | { readonly kind: 'none' }
  | ({ readonly kind: 'usable' } & NeuronIndexInfo)
  /** Made from another model or tokenizer: nothing is read from it, and it may be made again. */
  | { readonly kind: 'another'; readonly reason: string; readonly info: NeuronIndexInfo }
  /** Of another version, damaged, or no index at all; `rebuild` tells whether it may be made again in its place. */
  | { readonly kind: 'refused'; readonly error: ErrorData; readonly rebuild: boolean };

export interface NeuronIndexInfo {
  /** The model file's name when it was made. */
  readonly model: string;
  /** All text is in it; false: it may be gone on with. */
  readonly finished: boolean;
  readonly tokens: number;
  /** Estimated when it was begun. */
  readonly expected: number;
  readonly rows: number;
  /** Relative to the index. */
  readonly texts: readonly string[];
  readonly layers: number;
  readonly neurons: number;
  readonly heads: number;
  readonly bytes: number;
}

/** Some tokens of a row. */
export interface ExampleContext {
  readonly tokens: readonly string[];
  /** Which of them it is about. */
  readonly at: number;
}

export interface ExamplePlace {
  /** Row of the index, and position in it. */
  readonly row: number;
  readonly position: number;
  /** Relative to the index. */
  readonly file: string;
  /** Line of a text file, record of JSONL or CSV, row of Parquet; counts from 1. */
  readonly record: number;
  /** UTF-16 units from the beginning of the file, or of the record's text in JSONL, CSV and Parquet. */
  readonly offset: number;
}

export interface NeuronExample extends ExamplePlace {
  readonly activation: number;
  /** Share of the tokens whose activation is at most this one, from the histogram. */
  readonly quantile: number;
  /** Bin of the histogram. */
  readonly bin: number;
  /** Which of the neuron's readings it belongs to; null where it is too weak to count as firing, or none is made yet. */
  readonly reading: number | null;
  readonly token: string;
  readonly context: ExampleContext;
}

/** A token and how much an activation of 1 adds to its logit on the direct way. */
export interface TokenEffect {
  readonly token: string;
  readonly id: number;
  readonly effect: number;
}

/**
 * What a neuron writes: the direct effect of its output weights on the logits, folded with the final norm's gain (and mean, where it takes one
 * away) but not with what the norm divides by, which differs from token to token.
 */
export type OutputTokens =
  | { readonly kind: 'effects'; readonly norm: 'layer' | 'rms' | 'none'; readonly top: readonly TokenEffect[]; readonly bottom: readonly TokenEffect[] }
  | { readonly kind: 'none'; readonly reason: string };

export interface NeuronFigures extends NeuronMeanings {
  /** L3N1234 */
  readonly address: string;
  /** Tokens that the figures are over. */
  readonly tokens: number;
  readonly finished: boolean;
  /** Share of the tokens with an activation above 0. */
  readonly firingRate: number;
  readonly mean: number;
  readonly max: number;
  /** It fires on no token. */
  readonly dead: boolean;
  /** It fires on more than half of them. */
  readonly dense: boolean;
  /** Bins equally wide from low to high; what lies outside is in the first or the last. Over `sampled` of the tokens. */
  readonly histogram: { readonly low: number; readonly high: number; readonly counts: readonly number[]; readonly sampled: number };
  /** The strongest first, no context twice. */
  readonly examples: readonly NeuronExample[];
  readonly outputTokens: OutputTokens;
  /** What others say of it, by source. */
  readonly described: readonly NeuronDescription[];
}

/** The strongest pairs of tokens of a head: from a token to one that it attends to. */
export interface HeadExample extends ExamplePlace {
  readonly weight: number;
  readonly token: string;
  readonly context: ExampleContext;
  readonly source: { readonly position: number; readonly token: string; readonly context: ExampleContext };
}

export interface HeadFigures {
  /** L5H3 */
  readonly address: string;
  readonly tokens: number;
  readonly finished: boolean;
  readonly examples: readonly HeadExample[];
}

/** One layer's neurons in short. */
export interface NeuronLayer {
  readonly layer: number;
  /** blocks.3.mlp.hook_post */
  readonly address: string;
  readonly neurons: number;
  readonly activation: string;
  readonly tokens: number;
  readonly finished: boolean;
  readonly dead: number;
  readonly dense: number;
  /** Over the neurons. */
  readonly firingRate: number;
  readonly mean: number;
  readonly max: number;
  /** Neurons with one meaning that covers most of their examples, the surest first; and with most meanings, of equals the surest first. Empty until they are made. */
  readonly monosemantic: readonly RankedNeuron[];
  readonly polysemantic: readonly RankedNeuron[];
}
