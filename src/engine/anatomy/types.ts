/**
 * The anatomy: what the parts of a graph are, in the field's terms, pointing at the graph's own values.
 *
 * Everything here was decided by structure. Sizes that the file does not tell are null until a run tells them.
 */
import type { GraphNode, Value, Weight } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Origin } from './origin.ts';
import type { ConvolutionSummary, InputRole, NormPlace, PositionKind, Refusal, TowerKind } from '../../shared/summary.ts';

/** An elementary axis of an activation. `kv` is the head axis before grouped heads are repeated. */
export type Atom = 'batch' | 'pos' | 'dest' | 'src' | 'head' | 'kv' | 'dHead' | 'dModel' | 'neuron' | 'vocab' | 'class' | 'expert' | 'channel' | 'height' | 'width';

/** For each axis of an ONNX tensor the elementary axes that it holds, outermost first: [B*T, d] is [[batch, pos], [dModel]]. */
export type Layout = readonly (readonly Atom[])[];

/** Whether content of the residual stream flows into a value: tells activations from masks, positions and tables. */
export type Carries = (value: Value) => boolean;

/** What recognisers ask about a graph. */
export interface Reading {
  readonly types: TypeTable;
  readonly origin: Origin;
  readonly carries: Carries;
  /** What the content of another value flows into. */
  readonly flowFrom: (source: Value) => Carries;
  /** Whether scores are masked from what comes later. */
  readonly isCausal: (scores: Value) => boolean;
  /** Whether a bias in the file goes in even steps from position to position. */
  readonly isSloped: (weight: Weight) => boolean;
  /** The first element of a table of integers in the file. */
  readonly firstInteger: (weight: Weight) => number | undefined;
  /** Why a fused operator was not written out; undefined for those that no rule knows. */
  readonly whyFused: (node: GraphNode) => string | undefined;
}

/** An activation: the tensor that holds it and how its axes lie there. */
export interface Place {
  readonly value: Value;
  readonly layout: Layout;
  /** Lengths of elementary axes that share an axis with others of unknown length, as the vectors of heads that are not split yet. */
  readonly within?: ReadonlyMap<Atom, number>;
}

/**
 * In attention to another stream (cross attention) the keys' and values' positions are `src`: they are not the stream's own.
 */
export interface Attention {
  readonly heads: number | null;
  readonly kvHeads: number | null;
  readonly dHead: number | null;
  /** Queries, keys and values as TransformerLens means them: before rotary and scaling, split into heads. */
  readonly q: Place | null;
  readonly k: Place | null;
  readonly v: Place | null;
  /** What enters the softmax, mask included. */
  readonly scores: Place;
  /** What multiplies v, after any guard that follows the softmax. */
  readonly pattern: Place;
  readonly z: Place;
  /** Queries, keys and values as they enter their products: rotated, scaled, heads repeated. */
  readonly qUsed: Place;
  readonly kUsed: Place;
  readonly vUsed: Place;
  /** A norm stands between queries or keys and their product. */
  readonly normed: boolean;
  readonly out: Place;
  readonly rotary: boolean;
  readonly causal: boolean;
  /** Something that differs by head and tells positions apart is added to the scores. */
  readonly bias: 'alibi' | 'relative' | null;
  /** What keys and values are projected from, where that is not the stream itself. */
  readonly source: Value | null;
  readonly softmax: GraphNode;
  readonly projection: GraphNode;
}

export interface Mlp {
  readonly neurons: number | null;
  readonly gated: boolean;
  readonly activation: string;
  readonly pre: Place | null;
  /** The other factor of a gated MLP. */
  readonly preLinear: Place | null;
  readonly post: Place;
  readonly out: Place;
  /** The output projection. */
  readonly projection: GraphNode;
}

/** What one residual sum of a block adds: attention to the stream itself, to another stream, an MLP; or attention and MLP at once. */
export type HalfRole = 'attention' | 'cross' | 'mlp';

/** One residual sum of a block; in post-norm models the state behind it is the norm of the sum. */
export interface ResidualStep {
  readonly role: HalfRole | 'both';
  /** The state as the sum reads it: behind casts and rounding. */
  readonly entering: Place;
  readonly sum: Place;
}

export interface Block {
  readonly index: number;
  /** Null in a head that pools: its stream starts with what its attention gives. */
  readonly residPre: Place | null;
  /** The state that the block starts from: before it or, in a head that pools, behind its attention. */
  readonly start: Place;
  /** After attention to the stream itself; null where no state stands between that and the block's end. */
  readonly residMid: Place | null;
  /** After attention to another stream, where something follows. */
  readonly residMidCross: Place | null;
  readonly residPost: Place;
  readonly attention: Attention | null;
  /** Attention to another stream. */
  readonly cross: Attention | null;
  readonly mlp: Mlp | null;
  /** Where the MLP is a mixture of experts: their probabilities, [batch, pos, expert]. */
  readonly router: Place | null;
  readonly norm: NormPlace;
  readonly steps: readonly ResidualStep[];
}

/** Its name is the module's where the file tells it, else its number among the convolutions. */
export interface Convolution extends Omit<ConvolutionSummary, 'source'> {
  readonly output: Place;
  readonly node: GraphNode;
}

export interface Tower {
  /** Address prefix without the dot; "" where there is one tower only. */
  readonly name: string;
  readonly kind: TowerKind;
  readonly blocks: readonly Block[];
  /** Of a convolutional net; it has no blocks. */
  readonly convolutions: readonly Convolution[];
  readonly norm: NormPlace;
  readonly positions: PositionKind;
  readonly causal: boolean;
  readonly context: number | null;
  readonly dModel: number | null;
  readonly vocab: number | null;
  /** Token embeddings alone and the position embeddings, where they are tensors of their own. */
  readonly embed: Place | null;
  readonly posEmbed: Place | null;
  /** The final norm's output. */
  readonly finalNorm: Place | null;
  /** Scores over the vocabulary: [batch, pos, vocab]. */
  readonly logits: Place | null;
  /** The input of token ids that the tower starts from. */
  readonly ids: Value | null;
  /** Whose states its attention to another stream reads: another tower's, or those that an input gives. */
  readonly attendsTo: Tower | Value | null;
}

export interface Anatomy {
  readonly towers: readonly Tower[];
  /** Scores of classes, [batch, class], in a model that has none over a vocabulary. */
  readonly classes: Place | null;
  readonly roles: ReadonlyMap<Value, InputRole>;
  /** The tower whose positions an input has a value for each of. */
  readonly owners: ReadonlyMap<Value, Tower>;
  readonly refused: readonly Refusal[];
}
