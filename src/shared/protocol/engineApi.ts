/** The boundary between editor (or command line) and engine process: every method, its parameters and its result. */
import type { AttentionKind } from '../addresses.ts';
import type { SourceMap } from '../sourceMap.ts';
import type { CheckReport, ModelSummary, Refusal } from '../summary.ts';
import type { AttentionApi } from './attentionApi.ts';
import type { AverageApi } from './averageApi.ts';
import type { CompareApi } from './compareApi.ts';
import type { ExperimentApi } from './experimentApi.ts';
import type { HeadApi } from './headApi.ts';
import type { ImageApi } from './imageApi.ts';
import type { LensApi } from './lensApi.ts';
import type { NeuronApi } from './neuronApi.ts';
import type { NeuronLiveApi } from './neuronLiveApi.ts';
import type { RolesApi } from './rolesApi.ts';

export interface TokenInfo {
  readonly id: number;
  /** The token as the vocabulary spells it, decoded to text ("\u00b7Lily" is " Lily"). */
  readonly text: string;
  /** UTF-16 offsets into the prompt; start = end for tokens that the tokenizer added. */
  readonly start: number;
  readonly end: number;
  readonly special: boolean;
  /** True where the offsets are not proved exact. */
  readonly approximate: boolean;
}

/** A prompt is text for the tokenizer, or ids. Text wins nothing over ids: exactly one is given. */
export type Prompt =
  | { readonly kind: 'text'; readonly text: string; readonly special: boolean }
  | { readonly kind: 'ids'; readonly ids: readonly number[] };

export interface FilledInput {
  readonly name: string;
  readonly role: string;
  /** "1 for every token" */
  readonly filledWith: string;
  /** Flat values for one prompt, first 64 at most, as they can be shown and changed. */
  readonly values: readonly number[];
  readonly changeable: boolean;
}

export interface RunParams {
  /** Of the first tower that takes tokens. */
  readonly prompt: Prompt;
  /** Of further towers that take tokens, by their names: the decoder's behind an encoder. */
  readonly prompts?: Readonly<Record<string, Prompt>>;
  /** Whole inputs by name (sound, states to attend to): paths of .npy or .safetensors files, fed as they are. */
  readonly files?: Readonly<Record<string, string>>;
  /** Values for inputs that the person changed, flat, by input name, for one prompt row. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  /** A PNG or JPEG file, where the model takes pixels; the prompt is then read where it takes tokens too. */
  readonly image?: string;
  /** Fetch the attention patterns of every layer (the attention panel). */
  readonly patterns: boolean;
}

export interface RunStarted {
  readonly run: number;
  /** Of the prompt. */
  readonly tokens: readonly TokenInfo[];
  /** Of each tower that takes tokens, by its name; of one that takes an image the names of its positions, where they are its patches. */
  readonly towers: Readonly<Record<string, readonly TokenInfo[]>>;
  readonly filled: readonly FilledInput[];
  /** What is left out because a check of it failed. */
  readonly refused?: readonly Refusal[];
}

/** Progress of a run: the frame of the result first, then stage after stage, each with the layers whose patterns it made: one message for both, since a short prompt's run takes little longer than telling of it. */
export type RunProgress =
  | ({ readonly kind: 'started'; readonly stages: number } & RunStarted)
  | { readonly kind: 'stage'; readonly run: number; readonly stage: number; readonly stages: number; readonly ms: number; readonly layers: readonly LayerPatterns[] };

/** Which attention of a model: a tower's to itself, or to what its cross attention reads. */
export interface AttentionPlace {
  /** Address prefix of the tower: "" or "enc." … */
  readonly tower: string;
  readonly attention: AttentionKind;
  readonly layer: number;
}

/**
 * The attention patterns of one layer, sparse: for each head and destination row the strongest keys.
 * `keys` and `weights` are [heads, rows, perRow], row-major; unused slots have key 65535.
 */
export interface LayerPatterns extends AttentionPlace {
  readonly heads: number;
  readonly rows: number;
  readonly cols: number;
  readonly perRow: number;
  /** Weights below this are left out; 0: the rows are complete. */
  readonly cutoff: number;
  readonly keys: Uint16Array;
  readonly weights: Float32Array;
  /** Rows (head * rows + row) that hold NaN. */
  readonly nanRows: Uint32Array;
}

export interface Prediction {
  readonly id: number;
  readonly text: string;
  readonly logit: number;
  /** Softmax over the vocabulary, 0..1. */
  readonly probability: number;
}

export interface PositionPredictions {
  readonly position: number;
  readonly top: readonly Prediction[];
  /** The logits hold NaN; `top` is empty then. */
  readonly nan: boolean;
}

export interface RunResult extends RunStarted {
  /** Predictions of the last position, or of classes, at position 0; null where the model has neither output. */
  readonly predictions: PositionPredictions | null;
  readonly ms: { readonly firstLayer: number; readonly run: number };
  readonly nan: readonly string[];
}

/** A dense rectangle of one head's pattern: [rows, cols] row-major. */
export interface PatternTile {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

export interface CaptureParams {
  /** Run one by one; taps are stacked on the batch axis. None where `files` gives the ids, or where the model takes no tokens. */
  readonly prompts: readonly Prompt[];
  /** Of further towers that take tokens, by their names: one for all prompts, or one for each. */
  readonly others?: Readonly<Record<string, readonly Prompt[]>>;
  /** Values for inputs that the person changed, flat, by input name, for one prompt row. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  /** Whole inputs by name: paths of .npy files, or of .safetensors files with that key. Fed as they are, with as many rows as they have. */
  readonly files?: Readonly<Record<string, string>>;
  /** PNG or JPEG files: one a prompt, one for all prompts, or alone where the model takes no tokens. */
  readonly images?: readonly string[];
  /** Addresses, short forms, or globs over addresses; `:17` behind one takes that channel, `@7` that position. Each is kept under the name that was asked for. */
  readonly taps: readonly string[];
  /** How many tokens to continue each prompt by, the most probable one each time; what is kept is then of the whole text. */
  readonly continue?: number | undefined;
  /** Predictions per position. */
  readonly top: number;
  /** Send the values, not only their statistics. */
  readonly values: boolean;
  /** A .safetensors file to write the taps and `logits` to. */
  readonly out?: string | undefined;
}

export interface CaptureProgress {
  /** Counts from 1. */
  readonly prompt: number;
  readonly prompts: number;
  /** While a prompt is continued: tokens so far, and stages count for nothing. */
  readonly continued?: { readonly tokens: number; readonly of: number };
  readonly stage: number;
  readonly stages: number;
}

/** What was added to a prompt. */
export interface ContinuedRow {
  /** Position of the first token that was added. */
  readonly from: number;
  readonly text: string;
  /** From the keys and values of the tokens before, or by running the whole text for each token. */
  readonly way: 'past' | 'whole';
  /** Why not from past keys and values. */
  readonly reason: string | null;
  /** How far its logits are from those of a run of the whole text; null where they are that run's own. */
  readonly maxAbs: number | null;
}

export interface TapResult {
  /** TransformerLens's axes (cli.md). */
  readonly shape: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Euclidean norm of all elements. */
  readonly norm: number;
  /** Elements that are NaN; they are left out of the statistics. */
  readonly nan: number;
  readonly data?: Float32Array;
}

/** One prompt of a batch. */
export interface CaptureRow {
  /** Of the prompt. */
  readonly tokens: readonly TokenInfo[];
  /** Of each tower that takes tokens, by its name. */
  readonly towers: Readonly<Record<string, readonly TokenInfo[]>>;
  /** The tower whose positions the predictions are for. */
  readonly predicts: string;
  /** The image that was run; absent where none was. */
  readonly image?: string;
  /** One entry a position; one in all, at position 0, where classes are scored; empty where the model does neither. */
  readonly predictions: readonly PositionPredictions[];
  /** Present where the prompt was continued; `tokens` and `towers` hold what was added too. */
  readonly continued?: ContinuedRow;
}

export interface CaptureResult {
  readonly rows: readonly CaptureRow[];
  readonly filled: readonly FilledInput[];
  /** [batch, pos, vocab] or [batch, class], when values were asked for. */
  readonly logits?: { readonly shape: readonly number[]; readonly data: Float32Array };
  readonly taps: Readonly<Record<string, TapResult>>;
  readonly ms: { readonly open: number; readonly firstLayer: number; readonly run: number };
}

export interface SymbolAddress {
  /** Canonical address: blocks.0.attn.hook_pattern. */
  readonly address: string;
  /** The ONNX tensor behind it. */
  readonly tensor: string;
  /** [batch, head, dest, src] … */
  readonly axes: readonly string[];
  readonly layer: number | null;
}

/** Every method of the engine. Parameters and results are structured-clone data. */
export interface EngineApi extends AttentionApi, AverageApi, CompareApi, ExperimentApi, HeadApi, ImageApi, LensApi, NeuronApi, NeuronLiveApi, RolesApi {
  /** Reads the skeleton and the anatomy; runs nothing and needs no trust. */
  open(params: { readonly path: string; readonly tokenizer: string | null }): Promise<ModelSummary>;
  /** The addresses of the model and the tensors behind them. */
  addresses(params: Record<string, never>): Promise<readonly SymbolAddress[]>;
  /** The exporter's record, line by line; empty in a file that has none. */
  sourceMap(params: Record<string, never>): Promise<SourceMap>;
  /** The checks of the anatomy on a small real run; of an image, which is made up unless a file is given. */
  check(params: { readonly image?: string }): Promise<CheckReport>;
  /** `tower`: whose prompt it is; the first one's without it. */
  tokenize(params: { readonly prompt: Prompt; readonly tower?: string }): Promise<{ readonly tokens: readonly TokenInfo[]; readonly filled: readonly FilledInput[] }>;
  /** Runs the chain; reports RunProgress. */
  run(params: RunParams): Promise<RunResult>;
  /** One run with any taps: values, statistics, predictions at every position. Reports CaptureProgress. */
  capture(params: CaptureParams): Promise<CaptureResult>;
  /** Top-k predictions of any position of a finished run. */
  predictions(params: { readonly run: number; readonly position: number; readonly top: number }): Promise<PositionPredictions | null>;
  /** A dense rectangle of a head's pattern; bounds are clamped, at most 1,048,576 cells. */
  patternTile(params: {
    readonly run: number; readonly tower: string; readonly attention: AttentionPlace['attention']; readonly layer: number; readonly head: number;
    readonly row: number; readonly rows: number; readonly col: number; readonly cols: number;
  }): Promise<PatternTile>;
  /** Ends sessions and runs that are kept; the next run makes them anew. */
  release(params: Record<string, never>): Promise<null>;
  /** Memory and sessions, for the status item and tests. */
  status(params: Record<string, never>): Promise<EngineStatus>;
}

export interface EngineStatus {
  readonly pid: number;
  readonly rss: number;
  readonly sessions: number;
  readonly runs: number;
}
