/** Neurons that fire on one token of a prompt. Plain data: it crosses process boundaries. */
import type { TokenSource } from '../experiment/experiment.ts';
import type { Prompt } from '../protocol/engineApi.ts';

export interface NeuronsHereParams {
  /** Null: nothing is known of maxima and readings. */
  readonly db: string | null;
  readonly prompt: Prompt;
  /** From 0; a negative one counts from the end. */
  readonly position: number;
  /** The token whose logit the effects are on; the most probable next one where it is null. */
  readonly target: TokenSource | null;
  /** Of either list, how many; 20 unless given. */
  readonly limit?: number;
}

export interface NeuronHere {
  readonly address: string;
  readonly activation: number;
  /** Of its largest activation in the index; null without one. */
  readonly ofMax: number | null;
  /** What it adds to the target's logit on the direct way: activation x (W_out folded with the final norm) W_U / what the norm divides by here. Null where there is no such way. */
  readonly effect: number | null;
  /** Of its readings; none without an index. */
  readonly labels: readonly string[];
}

export interface NeuronsHere {
  readonly token: string;
  readonly position: number;
  readonly target: { readonly id: number; readonly token: string };
  /** The strongest first: by share of the maximum where there is an index, else by activation. */
  readonly firing: readonly NeuronHere[];
  /** By the size of the effect; empty where there are none. */
  readonly moving: readonly NeuronHere[];
  /** Why there are no effects; empty where there are. */
  readonly noEffects: string;
}

/** The exact activations of a neuron around its examples. */
export interface ContextActivations {
  readonly row: number;
  readonly position: number;
  /** As long as the context's tokens. */
  readonly activations: readonly number[];
}
