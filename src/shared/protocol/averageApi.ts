/** The engine's methods for many prompts: the mean pattern of each head over those of one length, and how far prompts lie from it. */
import type { Refusal } from '../summary.ts';
import type { AttentionPlace, LayerPatterns, PatternTile, Prompt, TokenInfo } from './engineApi.ts';

/** Prompts of a set at most. */
export const MOST_PROMPTS = 1000;

export interface AverageParams {
  readonly prompts: readonly Prompt[];
  /** Of further towers, by their names: one for all prompts, or one for each. */
  readonly others?: Readonly<Record<string, readonly Prompt[]>>;
}

/** A prompt that is not averaged, by its place in the list from 0. */
export interface LeftOut {
  readonly index: number;
  /** "12 tokens, not 14" */
  readonly reason: string;
}

/** What an average is of. */
export interface AverageFrame {
  /** Kept as a run is: its patterns are asked for in the same way. Nothing behind them is: there is no single run. */
  readonly run: number;
  /** Of the tower that predicts. Where prompts have other tokens the text names the most frequent ones, and the id is below 0. */
  readonly tokens: readonly TokenInfo[];
  readonly towers: Readonly<Record<string, readonly TokenInfo[]>>;
  /** Prompts that are averaged: those with the most frequent count of tokens, position by position. */
  readonly of: number;
  readonly leftOut: readonly LeftOut[];
  /** What is left out of each prompt because a check of it failed. */
  readonly refused?: readonly Refusal[];
}

export interface AveragedLayer {
  /** Means. */
  readonly patterns: LayerPatterns;
  /** In the slots of the means: standard deviations over the prompts (dividing by their number less one); NaN of a single prompt. */
  readonly spread: Float32Array;
}

export type AverageProgress =
  | { readonly kind: 'started'; readonly frame: AverageFrame }
  /** The mean so far, after 1, 2, 4, 8... prompts and after the last. */
  | { readonly kind: 'layer'; readonly done: number; readonly layer: AveragedLayer }
  | { readonly kind: 'prompt'; readonly done: number; readonly of: number };

export interface AverageApi {
  /** Runs prompts one by one and averages their patterns; reports AverageProgress. Throws 'usage' where no prompt can be run. */
  averagePatterns(params: AverageParams): Promise<AverageFrame>;
  /** All that was averaged, of one that was cancelled too; `prompts` were. */
  averagedLayers(params: { readonly run: number }): Promise<{ readonly prompts: number; readonly layers: readonly AveragedLayer[] }>;
  /** A dense rectangle of a head's standard deviations. */
  spreadTile(params: AttentionPlace & { readonly run: number; readonly head: number; readonly row: number; readonly rows: number; readonly col: number; readonly cols: number }): Promise<PatternTile>;
}
