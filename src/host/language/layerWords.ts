/** A layer in the words of a CodeLens. Pure. */
import { counted, percent } from '../../shared/format.ts';
import type { NeuronLayer } from '../../shared/neurons/figures.ts';
import type { LayerSummary, ModelSummary, TowerSummary } from '../../shared/summary.ts';
import type { LayerMention } from './pythonLayers.ts';

export interface MentionedLayer {
  readonly tower: TowerSummary;
  readonly block: LayerSummary;
}

/** Undefined where the model has no such layer: the line is about another one. */
export function layerOf({ towers }: ModelSummary, { layer, side }: LayerMention): MentionedLayer | undefined {
  const tower = towers.find(({ name }) => name === side) ?? towers.find(({ blocks }) => blocks.length > 0);
  const block = tower?.blocks.find(({ index }) => index === (layer < 0 ? tower.layers + layer : layer));
  return tower && block && { tower, block };
}

/** What stands for a part of a layer where one address is wanted. */
export const partHooks = { block: 'hook_resid_post', attn: 'attn.hook_pattern', cross_attn: 'cross_attn.hook_pattern', mlp: 'mlp.hook_post' } as const;

/** "Layer 3: 768 neurons, silu, 31 dense, fire on 24.1% of tokens". `figures`: what an index has of its neurons. */
export function layerLens({ block: { index, attention, mlp } }: MentionedLayer, part: LayerMention['part'], figures: NeuronLayer | undefined): string {
  const heads = attention && part !== 'mlp' ? [attention.heads === null ? 'heads unknown until run' : counted(attention.heads, 'head')] : [];
  const neurons = mlp && part !== 'attn' ? [mlp.neurons === null ? 'neurons unknown until run' : counted(mlp.neurons, 'neuron'), mlp.activation, ...(figures ? fired(figures) : [])] : [];
  const what = [...heads, ...neurons];
  return `Layer ${index}${what.length > 0 ? `: ${what.join(', ')}` : ''}`;
}

const fired = ({ dead, dense, firingRate }: NeuronLayer): readonly string[] => [
  ...(dead > 0 ? [`${dead} dead`] : []), ...(dense > 0 ? [`${dense} dense`] : []), `fire on ${percent(firingRate)} of tokens`,
];
