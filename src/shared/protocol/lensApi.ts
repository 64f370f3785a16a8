/** The engine's methods for reading states as tokens (logit lens) and logits as sums (direct logit attribution). */
import type { TokenSource } from '../experiment/experiment.ts';
import type { FilledInput, RunParams, TokenInfo } from './engineApi.ts';

/** What is run, and which tokens are asked about. */
export interface LensQuestion extends Pick<RunParams, 'prompt' | 'prompts' | 'files' | 'inputs'> {
  /** Of the tower that predicts; negative ones count from the end. */
  readonly positions?: readonly number[];
  /** One token as it would follow the prompt, or its id. */
  readonly target?: TokenSource | null;
  readonly distractor?: TokenSource | null;
}

export interface LensParams extends LensQuestion {
  /** Tokens of each state and position, 1 to 100; 5 unless given. */
  readonly top?: number;
  /** Also the states between the halves of blocks. */
  readonly mid?: boolean;
}

export interface LensToken {
  readonly id: number;
  readonly text: string;
}

export interface LensState {
  /** blocks.0.hook_resid_pre … the last is the one that the model itself goes on from. */
  readonly address: string;
  readonly layer: number;
}

export interface LensFrame {
  /** Of the tower that predicts. */
  readonly tokens: readonly TokenInfo[];
  readonly towers: Readonly<Record<string, readonly TokenInfo[]>>;
  readonly filled: readonly FilledInput[];
  readonly states: readonly LensState[];
  readonly positions: readonly number[];
  readonly top: number;
  readonly target: LensToken | null;
  readonly distractor: LensToken | null;
}

/** How a token stands at each position. */
export interface TokenStanding {
  readonly logit: Float32Array;
  readonly probability: Float32Array;
  /** 1 is the most probable; equal ones share the better place. */
  readonly rank: Float32Array;
}

/** A state read as tokens, by the model's own final norm and unembedding. NaN where the logits hold NaN. */
export interface LensRow {
  /** Index into the frame's states. */
  readonly state: number;
  /** [positions, top], most probable first. */
  readonly ids: Uint32Array;
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
  /** [positions], in nats. */
  readonly entropy: Float32Array;
  /** [positions]: Euclidean norm of the state. */
  readonly norm: Float32Array;
  readonly target: TokenStanding | null;
  readonly distractor: TokenStanding | null;
  /** Texts of the ids in it. */
  readonly names: Readonly<Record<number, string>>;
}

/** Euclidean norms [positions] of what the parts of a layer add to the stream; null for a part that is not read. */
export interface LayerAdded {
  readonly layer: number;
  readonly attention: Float32Array | null;
  readonly cross: Float32Array | null;
  readonly mlp: Float32Array | null;
}

export type LensProgress =
  | { readonly kind: 'started'; readonly frame: LensFrame }
  | { readonly kind: 'stage'; readonly stage: number; readonly stages: number }
  | { readonly kind: 'added'; readonly added: LayerAdded }
  | { readonly kind: 'row'; readonly row: LensRow };

export interface Lens {
  readonly frame: LensFrame;
  readonly rows: readonly LensRow[];
  readonly added: readonly LayerAdded[];
  readonly ms: number;
}

export interface AttributionParams extends LensQuestion {
  readonly target: TokenSource;
}

/** A summand of a logit: what a part of the model writes into the stream, through the final norm at its scale in this run and the unembedding. */
export interface AttributionPart {
  /** hook_embed, L3H4, blocks.3.attn.b_O, blocks.3.hook_mlp_out, blocks.3 (what is left of a layer), bias (of final norm and unembedding). */
  readonly address: string;
  readonly kind: 'embedding' | 'position' | 'head' | 'attention-bias' | 'attention' | 'cross' | 'mlp' | 'rest' | 'bias';
  readonly layer: number | null;
  /** [positions], in units of the logit. */
  readonly values: Float32Array;
}

export interface Attribution {
  readonly tokens: readonly TokenInfo[];
  readonly towers: Readonly<Record<string, readonly TokenInfo[]>>;
  readonly filled: readonly FilledInput[];
  readonly positions: readonly number[];
  readonly target: LensToken;
  /** Where there is one, every number is of the difference target − distractor. */
  readonly distractor: LensToken | null;
  /** Nothing is folded into other weights or centred: the numbers are those of the file's weights. */
  readonly weights: 'raw';
  /** What the final norm takes away besides its scale: 'layer' the mean, 'rms' nothing; 'none': there is no norm. */
  readonly norm: 'layer' | 'rms' | 'none';
  /** [positions]: what the final norm divides by, frozen at this run's. */
  readonly scale: Float32Array;
  readonly parts: readonly AttributionPart[];
  /** [positions]: the model's own logit, or difference of two. */
  readonly logit: Float32Array;
  /** [positions]: the logit less the sum of the parts. */
  readonly remainder: Float32Array;
  /** The remainder that rounding explains; a larger one means that something is missing among the parts. */
  readonly tolerance: number;
  /** What is not taken apart, and why. */
  readonly notes: readonly string[];
  readonly ms: number;
}

export type AttributionProgress = { readonly kind: 'stage' | 'direction'; readonly done: number; readonly of: number };

export interface LensApi {
  /** Every state of a prompt's run read as tokens; reports LensProgress. */
  lens(params: LensParams): Promise<Lens>;
  /** A token's logit, or the difference of two, as a sum over embedding, heads, MLPs and biases; at the last position unless others are given. Reports AttributionProgress. */
  attribution(params: AttributionParams): Promise<Attribution>;
}
