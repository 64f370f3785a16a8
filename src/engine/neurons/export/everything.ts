/** All neurons and heads of an index, one at a time. */
import type { HeadFigures, NeuronFigures } from '../../../shared/neurons/figures.ts';
import { headFigures } from '../read/head.ts';
import { neuronFigures } from '../read/neuron.ts';
import type { IndexReader } from '../read/reader.ts';

export interface ExportedNeuron extends NeuronFigures {
  readonly layer: number;
  readonly neuron: number;
}

export interface ExportedHead extends HeadFigures {
  readonly layer: number;
  readonly head: number;
}

export function* allNeurons(reader: IndexReader): Generator<ExportedNeuron> {
  for (const { layer, neurons } of reader.all('SELECT layer, neurons FROM mlp ORDER BY layer')) {
    for (let neuron = 0; neuron < Number(neurons); neuron++) yield { layer: Number(layer), neuron, ...neuronFigures(reader, Number(layer), neuron, (id) => reader.token(id)) };
  }
}

export function* allHeads(reader: IndexReader): Generator<ExportedHead> {
  for (const { layer, heads } of reader.all('SELECT layer, heads FROM attention ORDER BY layer')) {
    for (let head = 0; head < Number(heads); head++) yield { layer: Number(layer), head, ...headFigures(reader, Number(layer), head, (id) => reader.token(id)) };
  }
}
