/**
 * Experiments: what is changed in a run, where, and how the change is measured (cli.md, "Experiment files").
 *
 * An {@link Experiment} is a file that was read and found right: its defaults are filled in, and its pairs stand in it.
 */
export type ExperimentKind = 'activation-patching' | 'causal-tracing' | 'ablation' | 'path-patching' | 'steering';

/**
 * - `logit-difference`: logit of the target less that of the distractor (of the target alone where there is no distractor).
 * - `probability`: of the target, softmax over the vocabulary.
 * - `kl`: Kullback-Leibler divergence of the patched run's distribution from the clean one's, in nats: sum p_clean log(p_clean / p).
 * - `rank`: of the target among all logits; 1 is the first.
 * - `loss`: minus the natural logarithm of the target's probability.
 */
export type Metric = 'logit-difference' | 'probability' | 'kl' | 'rank' | 'loss';

/** `denoise`: the clean run's activation into the corrupted run; `noise`: the corrupted run's into the clean one. */
export type Direction = 'denoise' | 'noise';

/** What an edit changes: tensors of a block, in the names of the short addresses. */
export type Site = 'resid_pre' | 'resid_mid' | 'resid_post' | 'attn_out' | 'mlp_out' | 'z' | 'q' | 'k' | 'v' | 'pattern' | 'mlp_post';

/** What one cell is: a position of a site, a head at all positions, a head at one position, one weight of a head's pattern, a neuron at all positions, or the whole site. */
export type By = 'position' | 'head' | 'head-position' | 'head-dest-src' | 'neuron' | 'layer';

/** A prompt as text for the tokenizer or as token ids. */
export type PromptSource = string | readonly number[];

/** A token as it would follow the prompt (" Lily"), or its id. */
export type TokenSource = string | number;

/** Prefixes of towers in addresses. */
export type TowerName = 'enc' | 'dec' | 'text' | 'vision';

/** What a further tower reads in the clean and in the corrupted run. */
export interface TowerPrompts {
  readonly clean: PromptSource;
  readonly corrupted: PromptSource;
}

export interface PromptPair {
  readonly clean: PromptSource;
  /** Absent in ablations, causal tracing and steering by a file, which run on the clean prompt alone. */
  readonly corrupted?: PromptSource;
  readonly target?: TokenSource;
  readonly distractor?: TokenSource;
  /** Causal tracing: the words whose embeddings are disturbed, where they differ from pair to pair. */
  readonly subject?: string;
  /** Of towers behind the first, by their names: `dec`. `clean` and `corrupted` are the first one's; the target follows the prompt of the one that predicts. */
  readonly prompts?: { readonly [K in TowerName]?: TowerPrompts };
}

/** A value at an address, or the strongest cells of all: what a result must show. */
export type Expectation =
  | { readonly kind: 'cell'; readonly address: string; readonly field: ExpectedField; readonly atLeast?: number; readonly atMost?: number }
  /** The `top` cells with the largest change (recovered or effect, by absolute value) hold all of `includes`. */
  | { readonly kind: 'top'; readonly top: number; readonly includes: readonly string[] };

export type ExpectedField = 'recovered' | 'effect' | 'metric';

interface Common {
  /** Path of the model, relative to the experiment's file. */
  readonly model: string;
  readonly pairs: readonly PromptPair[];
  readonly metric: Metric;
  /** Whose logits are measured; negative counts from the end. */
  readonly position: number;
  /** Add the tokens that the tokenizer puts around a text. */
  readonly special: boolean;
  readonly expect: readonly Expectation[];
}

/** Which cells a sweep has. `layers` absent: all. */
export interface SweepOf {
  readonly sites: readonly Site[];
  readonly by: By;
  readonly layers?: readonly number[];
}

export interface Patching extends Common, SweepOf {
  readonly kind: 'activation-patching';
  readonly direction: Direction;
}

/** Meng et al. 2022, "Locating and Editing Factual Associations in GPT", section 2.1. */
export interface Tracing extends Common {
  readonly kind: 'causal-tracing';
  readonly sites: readonly ('resid_post' | 'mlp_out' | 'attn_out')[];
  /** Standard deviations of the token embeddings. */
  readonly sigma: number;
  readonly samples: number;
  readonly seed: number;
  /** The words in the text whose embeddings are disturbed. */
  readonly subject: string;
  /** How many layers are restored at once, centred on a cell's own, for attn_out and mlp_out; 1 restores the one alone. */
  readonly window: number;
}

export interface Ablation extends Common, SweepOf {
  readonly kind: 'ablation';
  /** `mean`: of the site over all positions and pairs, by position where all prompts have one length; `resample`: the same place in another pair's run. */
  readonly ablate: 'zero' | 'mean' | 'resample';
  /** Addresses that are ablated at once, as one more cell; empty: none. */
  readonly together: readonly string[];
  readonly seed: number;
}

/** Wang et al. 2022, "Interpretability in the Wild", section 3.1: what senders write reaches the receivers alone; all other heads between are frozen, and MLPs unless they are computed again, as there. */
export interface PathPatching extends Common {
  readonly kind: 'path-patching';
  readonly direction: Direction;
  /** Heads (`L4H4`), MLPs (`L4.mlp_out`); each is a cell of its own. Empty: every head. */
  readonly senders: readonly string[];
  /** `L5H1.q`, `L5H1.k`, `L5H1.v`, or `logits`; all at once. */
  readonly receivers: readonly string[];
  /** MLPs between read what a sender wrote, so that paths go through them too; absent: they are frozen as heads are. */
  readonly mlps?: 'recomputed';
}

/** Which prompt's activations less which other's. */
export type DifferenceOf = 'clean - corrupted' | 'corrupted - clean';

/** A direction as the mean over pairs of what two prompts differ by where it is added (Turner et al. 2023, "Activation Addition", section 3). */
export interface PromptDifference {
  readonly from: DifferenceOf;
  /** The position that is read of each prompt, negative from its end; `mean` of all its positions. */
  readonly position: number | 'mean';
}

export interface Steering extends Common {
  readonly kind: 'steering';
  readonly address: string;
  /** Path of a .safetensors or .npy file with the direction, relative to the experiment's file; or what prompts differ by. */
  readonly direction: string | PromptDifference;
  /** Multiples of the direction; each is a cell. */
  readonly scales: readonly number[];
}

export type Experiment = Patching | Tracing | Ablation | PathPatching | Steering;
