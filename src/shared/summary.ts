/** What a model is, as every view and the command line tell it. Plain data: it crosses process boundaries. */
import type { ErrorData } from './errors.ts';

/** An axis: a number, a name ("batch"), or unknown. */
export type Axis = number | string | null;

export interface TensorInfo {
  readonly name: string;
  /** ONNX element type in lower case: "float32", "int64" … */
  readonly type: string;
  readonly shape: readonly Axis[];
}

/**
 * What an input is for; decides how a missing one is filled. A cache input says whether there is a past; features are sound, states what a
 * decoder's cross attention reads.
 */
export type InputRole = 'ids' | 'mask' | 'positions' | 'types' | 'past' | 'cache' | 'pixels' | 'features' | 'states' | 'unknown';

export interface ModelInput extends TensorInfo {
  readonly role: InputRole;
  /** How it is filled when nobody gives it, in words: "1 for every token"; null: it must be given. */
  readonly filledWith: string | null;
}

/** A head of attention that pools another tower's positions into one is a tower of its own. */
export type TowerKind = 'decoder' | 'encoder' | 'vision' | 'pool' | 'cnn';
export type NormPlace = 'pre' | 'post' | 'parallel' | 'sandwich' | 'none';
export type PositionKind = 'learned' | 'rotary' | 'alibi' | 'relative' | 'none';

/** A figure of the anatomy; null is "unknown until run". */
export type Figure = number | null;

export interface LayerSummary {
  readonly index: number;
  readonly attention: { readonly heads: Figure; readonly kvHeads: Figure; readonly dHead: Figure } | null;
  /** Attention to another stream. */
  readonly cross: LayerSummary['attention'];
  readonly mlp: { readonly neurons: Figure; readonly gated: boolean; readonly activation: string } | null;
  /** Lines of the exporter's record that made this layer's tensors, most specific first; empty without a record. */
  readonly source: readonly SourceLine[];
  readonly attentionSource: SourceLine | null;
  readonly crossSource: SourceLine | null;
  readonly mlpSource: SourceLine | null;
}

export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

export interface ConvolutionSummary {
  /** Its address; a channel is `layer1.0.conv2:17`. */
  readonly name: string;
  readonly channels: Figure;
  /** Height and width. */
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly groups: number;
  readonly source: SourceLine | null;
}

export interface TowerSummary {
  /** Address prefix without the dot: "", "enc", "dec", "text", "vision", "pool". */
  readonly name: string;
  readonly kind: TowerKind;
  /** Blocks, or convolutions in a tower of kind "cnn". */
  readonly layers: number;
  readonly heads: Figure;
  readonly kvHeads: Figure;
  readonly dHead: Figure;
  readonly dModel: Figure;
  readonly dMlp: Figure;
  readonly vocab: Figure;
  readonly context: Figure;
  readonly norm: NormPlace;
  readonly positions: PositionKind;
  readonly causal: boolean;
  /** What its cross attention reads: another tower's name, or the name of the input that gives the states; null without any. */
  readonly attendsTo: string | null;
  /** Its last state is scored over the vocabulary. */
  readonly hasLogits: boolean;
  /** It starts from token ids, so that it has a prompt of its own. */
  readonly takesIds: boolean;
  readonly blocks: readonly LayerSummary[];
  readonly convolutions: readonly ConvolutionSummary[];
}

/** One arithmetic check of the anatomy on a real run. */
export interface CheckResult {
  /** "pattern x v = z", "resid_pre + attn_out = resid_mid", "mlp_post x W_out + b = mlp_out", "chain = file" … */
  readonly name: string;
  /** Where: "blocks.0", "logits". */
  readonly address: string;
  /** Largest absolute difference, in units of the tensor compared. */
  readonly maxAbs: number;
  /** What was allowed. */
  readonly tolerance: number;
  readonly ok: boolean;
}

export interface Refusal {
  /** What is not shown: "attention at layer 3", "the checks". */
  readonly what: string;
  readonly reason: string;
}

export interface ModelSummary {
  readonly model: {
    readonly path: string;
    readonly bytes: number;
    readonly externalBytes: number;
    /** Files that weights lie in besides the model's own, behind links; absent where there are none. */
    readonly dataFiles?: readonly string[];
    /** Domain → version; "" is the standard domain. */
    readonly opset: Readonly<Record<string, number>>;
    readonly irVersion: number;
    readonly producer: string;
    readonly parameters: number;
    readonly nodes: number;
    /** Weight element types by share of parameters: {"float32": 124000000}. */
    readonly weightTypes: Readonly<Record<string, number>>;
  };
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly TensorInfo[];
  readonly towers: readonly TowerSummary[];
  readonly refused: readonly Refusal[];
  readonly sourceLines: { readonly nodes: number; readonly withSource: number; readonly files: readonly string[] };
  /** The tokenizer found, or why there is none. */
  readonly tokenizer: { readonly path: string; readonly kind: string } | { readonly missing: string };
  /** Where it is said how images are prepared, or that it is not; absent in a model that takes none. */
  readonly images?: { readonly path: string } | { readonly missing: string };
  /** True where nothing can run at all, with the reason in `refused`. */
  readonly runnable: boolean;
  readonly ms: { readonly read: number; readonly anatomy: number };
}

export interface CheckReport {
  readonly checks: readonly CheckResult[];
  readonly refused: readonly Refusal[];
  readonly error: ErrorData | null;
  readonly ms: number;
}
