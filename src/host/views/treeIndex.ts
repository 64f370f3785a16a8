/** A model's index of neurons in its tree: how it stands, and of each layer the neurons that are clearest and most mixed. Pure. */
import { counted, fixed } from '../../shared/format.ts';
import type { NeuronLayer } from '../../shared/neurons/figures.ts';
import type { RankedNeuron } from '../../shared/neurons/readings.ts';
import type { ModelSummary } from '../../shared/summary.ts';
import { indexWords } from '../neurons/standing.ts';
import type { IndexShown } from '../neurons/standing.ts';
import type { NodeKind, TreeNode } from './treeModel.ts';

/** Indexes are made of models with one tower, which reads tokens. */
export const mayBeIndexed = ({ towers: [tower, another] }: ModelSummary): boolean =>
  tower !== undefined && another === undefined && tower.takesIds && tower.blocks.some(({ mlp, attention }) => mlp ?? attention);

const kinds: Readonly<Record<IndexShown['kind'], NodeKind>> = { none: 'index', running: 'index-running', unread: 'index', usable: 'index', stale: 'index-stale', refused: 'index-stale' };

export function indexNode(shown: IndexShown): TreeNode {
  const { short, lines } = indexWords(shown);
  return {
    id: 'index', kind: kinds[shown.kind], label: 'Neuron index', description: short, tooltip: ['Neuron index', ...lines].join('\n'), address: null,
    children: lines.map((line, at) => ({ id: `index/${at}`, kind: 'fact', label: line, description: '', tooltip: line, address: null, children: [] })),
  };
}

/** Below a layer's MLP; nothing where its neurons were not read. */
export function rankedNodes(parent: string, layer: NeuronLayer | undefined): readonly TreeNode[] {
  if (!layer) return [];
  const lists = [
    ['clearest', 'Clearest', 'Neurons with one meaning, the surest first', layer.monosemantic],
    ['mixed', 'Most meanings', 'Neurons with more than one meaning, those with most first', layer.polysemantic],
  ] as const;
  return lists.flatMap(([key, label, tooltip, neurons]) => (neurons.length === 0 ? [] : [{
    id: `${parent}/${key}`, kind: 'ranked' as const, label, description: counted(neurons.length, 'neuron'), tooltip, address: null,
    children: neurons.map((neuron) => neuronNode(`${parent}/${key}`, neuron)),
  }]));
}

const neuronNode = (parent: string, { address, meanings, sure, labels }: RankedNeuron): TreeNode => ({
  id: `${parent}/${address}`, kind: 'neuron', label: address, description: labels.join('; '),
  tooltip: [`${address}: ${counted(meanings, 'meaning')}, sure ${fixed(sure, 2)}`, ...labels].join('\n'), address, children: [],
});
