/** Looking for neurons in an index. Plain data: it crosses process boundaries. */
import type { NeuronDescription } from './described.ts';

/** Everything that is given must hold. Rates are shares of the tokens. */
export interface NeuronQuery {
  /** Text that they fire on: a word however it is written, or several tokens, on the last of which they fire. */
  readonly token?: string;
  /** A word among the ten tokens that they raise most, or with a minus in front among those that they lower most. */
  readonly output?: string;
  /** Words in what others say of them, in any case of letters. */
  readonly described?: string;
  readonly rateFrom?: number;
  readonly rateTo?: number;
  readonly layer?: number;
  /** How many at most; 50 unless given. */
  readonly limit?: number;
}

export interface FoundNeuron {
  /** L3N1234 */
  readonly address: string;
  readonly firingRate: number;
  readonly max: number;
  readonly meanings: number;
  /** Of its readings. */
  readonly labels: readonly string[];
  /** Of its examples, those on the token that was looked for. */
  readonly share?: number;
  /** What an activation of 1 adds to the logit of the token that was looked for. */
  readonly effect?: number;
  /** The description that was looked for. */
  readonly described?: NeuronDescription;
}

export interface NeuronSearchResult {
  /** The best first: by share of the examples, else by effect, else by firing rate. */
  readonly found: readonly FoundNeuron[];
  /** How many there are in all. */
  readonly of: number;
}
