/** The engine's methods for the index of neurons. */
import type { NeuronIndexParams, NeuronIndexResult } from '../neurons/build.ts';

export interface NeuronApi {
  /** Makes an index or goes on with one; reports NeuronIndexProgress. A cancel pauses: what was committed stays. */
  indexNeurons(params: NeuronIndexParams): Promise<NeuronIndexResult>;
}
