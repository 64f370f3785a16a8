/** The engine's methods for what lies behind an attention pattern: scores, what is moved, what heads write. All are about a finished run; its model is run again where more than its patterns is needed. */
import type { TokenSource } from '../experiment/experiment.ts';
import type { AttentionPlace, PatternTile } from './engineApi.ts';
import type { LensToken } from './lensApi.ts';

/**
 * - `scores`: what enters the softmax, mask included: −∞ where attention may not look.
 * - `weighted`: Euclidean norm of what attention moves, the weight times the value through W_O (Kobayashi et al. 2020, "Attention is Not Only a Weight").
 * - `effect`: what is moved, as the target's logit, or the difference of two: through the final norm at its scale in this run and the unembedding.
 * - `rollout`: how much of each token's input stands in each position after this layer if attention only mixed states, half of each kept as it is (Abnar
 *   and Zuidema 2020, "Quantifying Attention Flow in Transformers"): an assumption, not a measurement. Of all heads of a tower together.
 */
export const attentionViews = ['scores', 'weighted', 'effect', 'rollout'] as const;
export type AttentionView = (typeof attentionViews)[number];

export interface AttentionViewParams extends AttentionPlace {
  readonly run: number;
  readonly view: AttentionView;
  /** Of `effect`. */
  readonly target?: TokenSource;
  readonly distractor?: TokenSource | null;
}

export interface AttentionTileParams extends AttentionViewParams {
  /** Of `rollout` any: it is of all heads. */
  readonly head: number;
  readonly row: number;
  readonly rows: number;
  readonly col: number;
  readonly cols: number;
}

export interface AttentionTile extends PatternTile {
  /** Of `effect`, [rows]: what the head adds as a whole, by what it mixed. What is left of it beside a row's sum is the remainder: rounding, or sources that are not among the columns. */
  readonly written?: Float32Array;
}

export interface HeadOutputsParams {
  readonly run: number;
  /** Null: norms alone. */
  readonly target?: TokenSource | null;
  readonly distractor?: TokenSource | null;
}

/** What each head of a layer writes at each position, the layer's bias left out: [heads, rows] each. */
export interface HeadOutputs extends AttentionPlace {
  readonly heads: number;
  readonly rows: number;
  /** Euclidean. */
  readonly norms: Float32Array;
  /** What it adds to the target's logit, or the difference of two, directly: through the final norm at its scale in this run; raw weights. Null without a target, and for towers that do not predict. */
  readonly effects: Float32Array | null;
}

export interface AllHeadOutputs {
  readonly layers: readonly HeadOutputs[];
  readonly target: LensToken | null;
  readonly distractor: LensToken | null;
  /** Layers whose heads cannot be told apart, and why. */
  readonly notes: readonly string[];
}

export interface HeadOutputsProgress {
  readonly layer: HeadOutputs;
  /** Layers. */
  readonly done: number;
  readonly of: number;
}

export interface HeadWritesParams extends AttentionPlace {
  readonly run: number;
  readonly head: number;
  /** Where the head writes; its final norm's scale is taken from there. Negative ones count from the end; −1 unless given. */
  readonly position?: number;
  /**
   * Null: what it writes in this run. Else what it would write if it attended to this position alone: to its state as it is, or to the embedding of its token
   * alone, put through the layer's own norm and values (the OV circuit, Elhage et al. 2021).
   */
  readonly source?: { readonly position: number; readonly reads: 'state' | 'embedding' } | null;
  /** Tokens of either end, 1 to 100; 10 unless given. */
  readonly top?: number;
}

export interface TokenEffect {
  readonly id: number;
  readonly text: string;
  /** In units of the logit, at the final norm's scale in this run; raw weights. */
  readonly effect: number;
}

export interface HeadWrites {
  readonly top: readonly TokenEffect[];
  /** Most negative first. */
  readonly bottom: readonly TokenEffect[];
}

export interface AttentionApi {
  /** A rectangle of what lies behind a head's pattern; bounds are clamped as those of `patternTile`. */
  attentionTile(params: AttentionTileParams): Promise<AttentionTile>;
  /** What all heads write; reports HeadOutputsProgress, layer by layer. */
  headOutputs(params: HeadOutputsParams): Promise<AllHeadOutputs>;
  /** The tokens whose logits a head raises and lowers most. */
  headWrites(params: HeadWritesParams): Promise<HeadWrites>;
}
