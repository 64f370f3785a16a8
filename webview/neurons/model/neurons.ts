/** The neurons of a model: which there are, and the one before and behind each. */
import { neuronAddress, parseShort } from '../../../src/shared/addresses.ts';
import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';

export interface NeuronLayerSize {
  readonly tower: string;
  readonly layer: number;
  /** Null: unknown until run. */
  readonly neurons: number | null;
  readonly activation: string;
  readonly gated: boolean;
}

export const neuronsOf = (model: PanelModel | null): readonly NeuronLayerSize[] => (model?.state.kind === 'open'
  ? model.state.summary.towers.flatMap((tower) => tower.blocks.flatMap(({ index, mlp }) => (mlp ? [{ tower: tower.name, layer: index, ...mlp }] : [])))
  : []);

export const firstNeuron = ([first]: readonly NeuronLayerSize[]): string | undefined => first && neuronAddress(first.tower, first.layer, 0);

export type Step = 'previous' | 'next' | 'previous layer' | 'next layer';

export function layerOf(layers: readonly NeuronLayerSize[], address: string): NeuronLayerSize | undefined {
  const short = parseShort(address);
  return short?.kind === 'neuron' ? layers.find(({ tower, layer }) => tower === short.tower && layer === short.layer) : undefined;
}

/** Undefined at the ends. */
export function stepNeuron(layers: readonly NeuronLayerSize[], address: string, step: Step): string | undefined {
  const short = parseShort(address);
  const at = layerOf(layers, address);
  if (short?.kind !== 'neuron' || !at) return firstNeuron(layers);
  if (step === 'previous' || step === 'next') {
    const neuron = short.neuron + (step === 'next' ? 1 : -1);
    return neuron < 0 || (at.neurons !== null && neuron >= at.neurons) ? undefined : neuronAddress(at.tower, at.layer, neuron);
  }
  const to = layers[layers.indexOf(at) + (step === 'next layer' ? 1 : -1)];
  return to && neuronAddress(to.tower, to.layer, Math.min(short.neuron, (to.neurons ?? Infinity) - 1));
}

/** Why a typed text is no neuron of the model; undefined where it is one. */
export function whyNoNeuron(layers: readonly NeuronLayerSize[], text: string): string | undefined {
  const short = parseShort(text);
  const [first] = layers;
  if (!first) return 'No neurons are known in this model';
  if (short?.kind !== 'neuron') return `An address of a neuron looks like ${neuronAddress(first.tower, first.layer, 12)}`;
  const layer = layerOf(layers, text);
  if (!layer) return `There is no layer ${short.layer} with neurons`;
  return layer.neurons !== null && short.neuron >= layer.neurons ? `Layer ${short.layer} has ${layer.neurons} neurons` : undefined;
}
