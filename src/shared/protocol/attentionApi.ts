/** The engine's methods for what lies behind an attention pattern: scores, what is moved, what heads write. All are about a finished run; its model is run again where more than its patterns is needed. */
import type { TokenSource } from '../experiment/experiment.ts';
import type { AttentionPlace, LayerPatterns, PatternTile } from './engineApi.ts';

/**
 * - `scores`: what enters the softmax, mask included: −∞ where attention may not look.
 * - `weighted`: Euclidean norm of what attention moves, the weight times the value through W_O (Kobayashi et al. 2020, "Attention is Not Only a Weight").
 * - `effect`: what is moved, as the target's logit, or the difference of two: through the final norm at its scale in this run and the unembedding.
 * - `rollout`: how much of each token's input stands in each position after this layer if attention only mixed states, half of each kept as it is (Abnar
 *   and Zuidema 2020, "Quantifying Attention Flow in Transformers"): an assumption, not a measurement. Of all heads of a tower together.
 */
export const attentionViews = ['scores', 'weighted', 'effect', 'rollout'] as const;
export type AttentionView = (typeof attentionViews)[number];

export interface AttentionLayerParams extends AttentionPlace {
  readonly run: number;
  readonly view: AttentionView;
  /** Of `effect`. */
  readonly target?: TokenSource;
  readonly distractor?: TokenSource | null;
}

export interface AttentionTileParams extends AttentionLayerParams {
  /** Of `rollout` any: it is of all heads. */
  readonly head: number;
  readonly row: number;
  readonly rows: number;
  readonly col: number;
  readonly cols: number;
}

/** Norms of what each head writes: [heads, rows], its bias left out. */
export interface HeadOutputs extends AttentionPlace {
  readonly heads: number;
  readonly rows: number;
  readonly norms: Float32Array;
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
  /** What lies behind a layer's patterns, sparse as they are: the strongest of each row, with their sign. `rollout` has one head. */
  attentionLayer(params: AttentionLayerParams): Promise<LayerPatterns>;
  /** A rectangle of what lies behind a head's pattern; bounds are clamped as those of `patternTile`. */
  attentionTile(params: AttentionTileParams): Promise<PatternTile>;
  headOutputs(params: AttentionPlace & { readonly run: number }): Promise<HeadOutputs>;
  /** The tokens whose logits a head raises and lowers most. */
  headWrites(params: HeadWritesParams): Promise<HeadWrites>;
}
