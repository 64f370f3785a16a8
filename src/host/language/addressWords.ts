/** What a model's summary says of an address, in a sentence. Pure. */
import { canonicalOf, towerNames } from '../../shared/addresses.ts';
import { sites } from '../../shared/experiment/sites.ts';
import { capitalised, count, counted } from '../../shared/format.ts';
import type { LayerSummary, ModelSummary, TowerSummary } from '../../shared/summary.ts';
import type { AddressTarget, BlockPart } from './addressText.ts';

export interface AddressWords {
  readonly text: string;
  /** The model has it. */
  readonly known: boolean;
}

const unknown = (text: string): AddressWords => ({ text, known: false });
const known = (text: string): AddressWords => ({ text, known: true });

export function describeAddress(summary: ModelSummary, title: string, target: AddressTarget): AddressWords {
  const tower = summary.towers.find(({ name, kind }) => name === target.tower && kind !== 'cnn');
  if (!tower) return unknown(target.tower === '' ? `${title} has ${namesOf(summary)}: its addresses begin with one of these.` : `${title} has no ${towerNames[target.tower] ?? target.tower}.`);
  const block = tower.blocks.find(({ index }) => index === target.layer);
  if (!block) return unknown(`${title} has ${counted(tower.layers, 'layer')}, from 0 to ${tower.layers - 1}.`);
  const at = `layer ${block.index}`;
  switch (target.kind) {
    case 'head':
      return headWords(target.attention === 'cross' ? block.cross : block.attention, target.head, target.attention === 'cross' ? 'cross attention' : 'attention', at);
    case 'neuron':
      return neuronWords(block, target.neuron, at);
    case 'site':
      return hookWords(tower, block, (canonicalOf(target) ?? '').replace(/^.*?blocks\.\d+\./, ''), at);
    case 'tensor':
      return hookWords(tower, block, target.hook, at);
    case 'part':
      return partWords(block, target.part, at);
    default:
      return target satisfies never;
  }
}

const namesOf = ({ towers }: ModelSummary): string => towers.map(({ name }) => `${name}.`).join(', ');

function headWords(attention: LayerSummary['attention'], head: number, what: string, at: string): AddressWords {
  if (!attention) return unknown(`No ${what} is known at ${at}.`);
  const { heads, dHead, kvHeads } = attention;
  if (heads !== null && head >= heads) return unknown(`The ${what} of ${at} has ${counted(heads, 'head')}, from 0 to ${heads - 1}.`);
  const shares = kvHeads !== null && kvHeads !== heads ? `, with ${counted(kvHeads, 'head')} for keys and values` : '';
  return known(`Head ${head} of ${heads ?? 'an unknown number'} in the ${what} of ${at}, ${dHead ?? 'unknown'} wide${shares}.`);
}

function neuronWords({ mlp }: LayerSummary, neuron: number, at: string): AddressWords {
  if (!mlp) return unknown(`No MLP is known at ${at}.`);
  const { neurons, activation, gated } = mlp;
  if (neurons !== null && neuron >= neurons) return unknown(`The MLP of ${at} has ${counted(neurons, 'neuron')}, from 0 to ${neurons - 1}.`);
  return known(`Neuron ${neuron} of ${neurons === null ? 'an unknown number' : count(neurons)} in the MLP of ${at}, ${activation}${gated ? ', gated' : ''}.`);
}

function partWords({ attention, cross, mlp }: LayerSummary, part: BlockPart, at: string): AddressWords {
  const words: Readonly<Record<Exclude<BlockPart, 'block'>, string | null>> = {
    attn: attention && `attention of ${headsOf(attention)}`, cross_attn: cross && `cross attention of ${headsOf(cross)}`, mlp: mlp && `an MLP of ${neuronsOf(mlp)}`,
  };
  const parts = part === 'block' ? Object.values(words).filter((one) => one !== null) : [words[part]];
  const [only] = parts;
  if (only === null) return unknown(`No ${part === 'mlp' ? 'MLP' : part === 'attn' ? 'attention' : 'cross attention'} is known at ${at}.`);
  return known(`${capitalised(at)}${parts.length > 0 ? `: ${parts.join('; ')}` : ''}.`);
}

const headsOf = ({ heads, dHead, kvHeads }: NonNullable<LayerSummary['attention']>): string =>
  `${heads === null ? 'heads whose number is unknown until run' : counted(heads, 'head')}, ${dHead ?? 'unknown'} wide${kvHeads !== null && kvHeads !== heads ? `, with ${counted(kvHeads, 'head')} for keys and values` : ''}`;

const neuronsOf = ({ neurons, activation, gated }: NonNullable<LayerSummary['mlp']>): string =>
  `${neurons === null ? 'neurons whose number is unknown until run' : counted(neurons, 'neuron')}, ${activation}${gated ? ', gated' : ''}`;

const extra: Readonly<Record<string, string>> = {
  'mlp.hook_pre': 'the MLP’s neurons before their activation function', 'attn.hook_attn_scores': 'scores of attention before the softmax', 'cross_attn.hook_pattern': 'where each head of cross attention attends',
  hook_cross_attn_out: 'what cross attention adds to the residual stream', hook_resid_mid_cross: 'the residual stream between cross attention and MLP',
};

const hooks: ReadonlyMap<string, string> = new Map([...Object.values(sites).map(({ hook, what }) => [hook, what] as const), ...Object.entries(extra)]);

function hookWords({ dModel }: TowerSummary, { mlp, attention, cross }: LayerSummary, hook: string, at: string): AddressWords {
  const what = hooks.get(hook);
  if (what === undefined) return unknown(`No tensor of a block is called ${hook}.`);
  if (hook.startsWith('mlp.')) return mlp ? known(`${capitalised(what)} of ${at}: ${mlp.neurons === null ? 'unknown until run' : counted(mlp.neurons, 'neuron')}, ${mlp.activation}${mlp.gated ? ', gated' : ''}. Axes batch, pos, d_mlp.`) : unknown(`No MLP is known at ${at}.`);
  const part = hook.startsWith('cross_attn.') ? cross : hook.startsWith('attn.') ? attention : undefined;
  if (part === null) return unknown(`No attention is known at ${at}.`);
  if (part) return known(`${capitalised(what)}, ${at}: ${part.heads === null ? 'heads unknown until run' : counted(part.heads, 'head')}. Axes ${/pattern|scores/.test(hook) ? 'batch, head, dest, src' : 'batch, pos, head, d_head'}.`);
  return known(`${capitalised(what)}, ${at}: ${dModel === null ? 'width unknown until run' : `${count(dModel)} wide`}. Axes batch, pos, d_model.`);
}
