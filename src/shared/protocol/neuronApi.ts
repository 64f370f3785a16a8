/** The engine's methods for the index of neurons. */
import type { NeuronIndexParams, NeuronIndexResult, TextSource } from '../neurons/build.ts';
import type { DescriptionsImported } from '../neurons/described.ts';
import type { HeadFigures, NeuronFigures, NeuronIndexStanding, NeuronLayer } from '../neurons/figures.ts';
import type { ContextActivations, NeuronsHere, NeuronsHereParams } from '../neurons/here.ts';
import type { ReadingTrial } from '../neurons/readings.ts';
import type { NeuronQuery, NeuronSearchResult } from '../neurons/search.ts';
import type { SimilarNeurons } from '../neurons/similar.ts';

/** The SQLite file of an index. What reads it opens it and lets it go again. */
export interface IndexPath {
  readonly db: string;
}

export interface NeuronApi {
  /** Columns of a Parquet file that hold strings; needs no model. */
  textColumns(params: { readonly path: string }): Promise<readonly string[]>;
  /** Makes an index or goes on with one; reports NeuronIndexProgress. A cancel pauses: what was committed stays. */
  indexNeurons(params: NeuronIndexParams): Promise<NeuronIndexResult>;
  /** What an index is, and whether it is of the model that is open. The first time it reads all bytes of the model. */
  neuronIndex(params: IndexPath): Promise<NeuronIndexStanding>;
  /** Of one neuron, by its short address. Rejects where the index is not of the model that is open. */
  neuronFigures(params: IndexPath & { readonly address: string }): Promise<NeuronFigures>;
  headFigures(params: IndexPath & { readonly address: string }): Promise<HeadFigures>;
  /** Ten neurons at most that write what one writes, and ten that fire where it fires. */
  similarNeurons(params: IndexPath & { readonly address: string }): Promise<SimilarNeurons>;
  searchNeurons(params: IndexPath & NeuronQuery): Promise<NeuronSearchResult>;
  /** Runs text that may be new through the model, and tells how well the readings say where the neuron fires; of a file, its first 50,000 tokens. */
  testReadings(params: IndexPath & { readonly address: string; readonly text: { readonly kind: 'typed'; readonly text: string } | ({ readonly kind: 'file' } & TextSource) }): Promise<ReadingTrial>;
  /** Runs a prompt: the neurons that fire on one of its tokens, and those that move the prediction there. */
  neuronsHere(params: NeuronsHereParams): Promise<NeuronsHere>;
  /** Runs rows of the index again, for the activations of a neuron at every token of its examples' contexts. In the order asked for. */
  exampleActivations(params: IndexPath & { readonly address: string; readonly examples: readonly { readonly row: number; readonly position: number }[] }): Promise<readonly ContextActivations[]>;
  /** Takes what others say of neurons from a JSON file into an index, beside our readings; needs no model. What the same sources said before is replaced. */
  importDescriptions(params: IndexPath & { readonly file: string }): Promise<DescriptionsImported>;
  /** Writes a whole index to a file, by its ending; needs no model. Reports NeuronExportProgress. */
  exportNeurons(params: IndexPath & { readonly out: string }): Promise<{ readonly neurons: number }>;
  /** Runs the index's text again and writes the activations of some neurons at every token, as safetensors. Reports NeuronExportProgress. */
  exportActivations(params: IndexPath & { readonly out: string; readonly addresses: readonly string[] }): Promise<{ readonly tokens: number }>;
  neuronLayers(params: IndexPath): Promise<readonly NeuronLayer[]>;
}
