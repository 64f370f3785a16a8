/** The engine's methods for two runs beside each other. */
import type { AlignedColumn } from '../align/alignTokens.ts';
import type { AttentionPlace, LayerPatterns, PatternTile } from './engineApi.ts';

/** Two finished runs of one model. */
interface Pair {
  readonly a: number;
  readonly b: number;
}

export interface Alignment {
  /** Of each tower that takes tokens, by its name. */
  readonly towers: Readonly<Record<string, readonly AlignedColumn[]>>;
}

/** Differences b − a of one layer's patterns on aligned tokens, sparse as patterns are, weights with their sign. Cells that one run does not have are 0 here. */
export interface LayerDifference {
  readonly patterns: LayerPatterns;
  /** [heads]: half the summed absolute difference of a row, mean over the rows that both have: 0 for the same attention, 1 for another altogether. */
  readonly distance: Float32Array;
}

export interface CompareApi {
  /** The tokens of two runs beside each other. */
  alignRuns(params: Pair): Promise<Alignment>;
  /** One layer's patterns of two runs compared. */
  patternDifference(params: Pair & AttentionPlace): Promise<LayerDifference>;
  /** A dense rectangle of a head's difference b − a, on aligned tokens; NaN where one run has no such cell. */
  differenceTile(params: Pair & AttentionPlace & { readonly head: number; readonly row: number; readonly rows: number; readonly col: number; readonly cols: number }): Promise<PatternTile>;
}
