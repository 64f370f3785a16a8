/** Finished runs of a model, for views that still ask about them. */
import { CogscopeError } from '../shared/errors.ts';
import type { AttentionPlace, TokenInfo } from '../shared/protocol/engineApi.ts';
import type { CanonicalArray } from './anatomy/canonical.ts';
import type { Value } from './onnx/graph.ts';
import type { Tensor } from './ort/tensor.ts';

/** Which attention of a run is meant. */
export const patternKey = ({ tower, attention, layer }: AttentionPlace): string => `${tower}|${attention}|${layer}`;

export interface KeptRun {
  readonly id: number;
  /** Of the tower that predicts. */
  readonly tokens: readonly TokenInfo[];
  /** Of each tower that takes tokens, by its name. */
  readonly towers: ReadonlyMap<string, readonly TokenInfo[]>;
  /** What the model was run on; null for an average of several prompts. */
  readonly inputs: ReadonlyMap<Value, Tensor> | null;
  /** Canonical patterns by {@link patternKey}: [batch, head, dest, src]. */
  readonly patterns: Map<string, CanonicalArray>;
  /** Null where the model has no vocabulary output. */
  logits: KeptLogits | null;
  /** Where it is the mean of several prompts. */
  readonly average?: KeptAverage;
}

export interface KeptAverage {
  /** How many `patterns` are the mean of. */
  prompts: number;
  /** Their standard deviations, as patterns. */
  readonly spreads: Map<string, CanonicalArray>;
  /** Resolves when nothing is added any more. */
  ended: Promise<unknown>;
}

/** What to run the model on again. Throws 'refused' for an average. */
export function inputsOf({ inputs }: KeptRun): ReadonlyMap<Value, Tensor> {
  if (!inputs) throw new CogscopeError('refused', 'An average of several prompts has no single run behind it', 'Run one of the prompts');
  return inputs;
}

/**
 * Logits of a finished run. Where the last stage works by position they are made when asked for: all positions of a GPT-2's
 * 512 tokens are 103 MB and a third of the run.
 */
export type KeptLogits =
  /** Scores of classes, one row in all. */
  | { readonly kind: 'classes'; readonly data: Float32Array }
  | { readonly kind: 'all'; readonly vocab: number; readonly data: Float32Array }
  | {
    readonly kind: 'by-position'; readonly known: Map<number, Float32Array>;
    /** What the last stage is run on. */
    readonly state: Tensor;
  };

/**
 * Finished runs that are kept, and the bytes of patterns beyond which older ones go: the panel shows one, and others are
 * for comparing. One of 1,024 tokens through a GPT-2 is 600 MB.
 */
const KEPT_RUNS = 4;
const KEPT_BYTES = 2 ** 29;

export class KeptRuns {
  private readonly runs = new Map<number, KeptRun>();
  private next = 1;

  get size(): number {
    return this.runs.size;
  }

  /** Makes room for a new run, which is filled as its layers arrive. */
  keep(given: Pick<KeptRun, 'tokens' | 'towers' | 'inputs' | 'average'>): KeptRun {
    for (const [id] of this.runs) {
      // The latest stays while the next one is made: it is what the panel shows until then.
      if (this.runs.size === 1 || (this.runs.size < KEPT_RUNS && this.bytes() <= KEPT_BYTES)) break;
      this.runs.delete(id);
    }
    const run: KeptRun = { id: this.next++, ...given, patterns: new Map(), logits: null };
    this.runs.set(run.id, run);
    return run;
  }

  /** Throws 'usage' for one that is gone. */
  get(id: number): KeptRun {
    const run = this.runs.get(id);
    if (!run) throw new CogscopeError('usage', 'That run is no longer kept', 'Run the prompt again');
    return run;
  }

  clear(): void {
    this.runs.clear();
  }

  private bytes(): number {
    return [...this.runs.values()].flatMap((run) => [...run.patterns.values(), ...(run.average?.spreads.values() ?? [])]).reduce((sum, pattern) => sum + pattern.data.byteLength, 0);
  }
}
