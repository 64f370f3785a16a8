/** The engine's methods for the index of neurons. */
import type { NeuronIndexParams, NeuronIndexResult } from '../neurons/build.ts';
import type { HeadFigures, NeuronFigures, NeuronIndexStanding, NeuronLayer } from '../neurons/figures.ts';
import type { NeuronQuery, NeuronSearchResult } from '../neurons/search.ts';

/** The SQLite file of an index. What reads it opens it and lets it go again. */
export interface IndexPath {
  readonly db: string;
}

export interface NeuronApi {
  /** Makes an index or goes on with one; reports NeuronIndexProgress. A cancel pauses: what was committed stays. */
  indexNeurons(params: NeuronIndexParams): Promise<NeuronIndexResult>;
  /** What an index is, and whether it is of the model that is open. The first time it reads all bytes of the model. */
  neuronIndex(params: IndexPath): Promise<NeuronIndexStanding>;
  /** Of one neuron, by its short address. Rejects where the index is not of the model that is open. */
  neuronFigures(params: IndexPath & { readonly address: string }): Promise<NeuronFigures>;
  headFigures(params: IndexPath & { readonly address: string }): Promise<HeadFigures>;
  searchNeurons(params: IndexPath & NeuronQuery): Promise<NeuronSearchResult>;
  neuronLayers(params: IndexPath): Promise<readonly NeuronLayer[]>;
}
