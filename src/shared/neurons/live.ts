/** What one neuron does on a text that is run now. Plain data: it crosses process boundaries. */
import type { Prompt, TokenInfo } from '../protocol/engineApi.ts';

export interface LiveParams {
  readonly prompt: Prompt;
  /** L3N1234 */
  readonly address: string;
}

export interface LiveActivations {
  readonly tokens: readonly TokenInfo[];
  /** One a token: hook_post of the neuron. */
  readonly values: Float32Array;
}
