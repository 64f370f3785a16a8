/** The engine's methods for one neuron on a text that is typed. */
import type { LiveActivations, LiveParams } from '../neurons/live.ts';

export interface NeuronLiveApi {
  /** The activation of one neuron at each token of a prompt. Runs no further than its layer. */
  neuronLive(params: LiveParams): Promise<LiveActivations>;
}
