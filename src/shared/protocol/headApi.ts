/** The engine's methods for scores of heads: how well each head's attention fits a pattern. */
import type { AttentionPlace, Prompt } from './engineApi.ts';

/** Patterns with a name; what each means is at `detections` in engine/analysis/scores. */
export const headKinds = ['previousToken', 'duplicateToken', 'induction', 'currentToken', 'firstToken'] as const;
export type HeadKind = (typeof headKinds)[number];

/** As people call them. */
export const headKindNames: Readonly<Record<HeadKind, string>> = {
  previousToken: 'previous token', duplicateToken: 'duplicate token', induction: 'induction', currentToken: 'current token', firstToken: 'first token',
};

/** A pattern that heads are held against. */
export type DetectionPattern =
  | { readonly kind: HeadKind }
  /** From each position to the one at this distance: −1 is the token before. */
  | { readonly kind: 'offset'; readonly offset: number }
  /** As somebody drew it: [dest, src], row-major, `size` by `size`. Of the first tower unless said otherwise. */
  | { readonly kind: 'drawn'; readonly name: string; readonly size: number; readonly values: Float32Array; readonly tower?: string };

/**
 * How a head's attention is held against a pattern.
 * - `rows`: over the positions that the pattern says something about, the mean share of their attention that falls where it says. On repeated
 *   tokens that is the mean along a diagonal, as TransformerLens's demonstrations score induction heads.
 * - `mul`: of all attention, the share that falls where the pattern says (`head_detector`, error measure "mul").
 * - `abs`: 1 less the mean over positions of the summed absolute difference (`head_detector`, "abs", which rounds to three decimals; this does not).
 */
export const scoreMeasures = ['rows', 'mul', 'abs'] as const;
export type ScoreMeasure = (typeof scoreMeasures)[number];

/** What heads are scored on. */
export type ScoredText =
  /** Random tokens that come twice; left out, the figures are those of TransformerLens's demonstrations, as far as the context allows. */
  | { readonly kind: 'repeated'; readonly seed?: number; readonly rows?: number; readonly period?: number; readonly start?: readonly number[] }
  /** `others`: of further towers, by their names: one for all prompts, or one for each. */
  | { readonly kind: 'prompts'; readonly prompts: readonly Prompt[]; readonly others?: Readonly<Record<string, readonly Prompt[]>> }
  /** A finished run whose patterns are kept: nothing is run again. */
  | { readonly kind: 'run'; readonly run: number };

export interface HeadScoresParams {
  readonly text: ScoredText;
  /** The five with a name unless given. */
  readonly patterns?: readonly DetectionPattern[];
  /** `rows` on repeated tokens and `mul` elsewhere, unless given. */
  readonly measure?: ScoreMeasure;
  /** Leaves out attention to position 0, whatever token stands there. */
  readonly excludeBos?: boolean;
  readonly excludeCurrentToken?: boolean;
}

/** How the scores were made: enough to make them again. */
export interface ScoreProtocol {
  readonly text: ScoredText['kind'];
  readonly measure: ScoreMeasure;
  readonly excludeBos: boolean;
  readonly excludeCurrentToken: boolean;
  /** Texts that were run. */
  readonly rows: number;
  /** Random tokens: what they were drawn by. `start` and `end` stand around the two stretches. Null elsewhere. */
  readonly repeated: readonly RepeatedText[] | null;
  readonly patterns: readonly {
    readonly name: string;
    /** Where a position looks, from itself, on repeated tokens; null where that is not one distance, and on other texts but for stated offsets. */
    readonly offset: number | null;
  }[];
}

/** Repeated random tokens of one tower. */
export interface RepeatedText {
  readonly tower: string;
  readonly seed: number;
  readonly period: number;
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** Tokens of a row: the second stretch is cut where a file of a fixed length has no room for it. */
  readonly length: number;
  /** Stretches of ids, first and last, that tokens were drawn from: those that are text. */
  readonly pool: readonly (readonly [number, number])[];
}

/** Scores of one layer's heads, over the texts so far. */
export interface LayerScores extends AttentionPlace {
  readonly heads: number;
  /** [patterns, heads]; NaN where nothing could be measured. */
  readonly values: Float32Array;
}

export type HeadScoresProgress =
  | { readonly kind: 'started'; readonly protocol: ScoreProtocol; readonly notes: readonly string[] }
  /** `done` counts layers, of all texts. */
  | { readonly kind: 'layer'; readonly done: number; readonly of: number; readonly scores: LayerScores };

export interface HeadScores {
  readonly protocol: ScoreProtocol;
  readonly layers: readonly LayerScores[];
  /** What was not measured, and why. */
  readonly notes: readonly string[];
  readonly ms: number;
}

export interface HeadApi {
  /** Scores every head against patterns; reports HeadScoresProgress, layer by layer. */
  headScores(params: HeadScoresParams): Promise<HeadScores>;
}
