/** Addresses of a model that make sense at a place in an experiment. Pure. */
import { headAddress, neuronAddress, prefixOf } from '../../shared/addresses.ts';
import { sites } from '../../shared/experiment/sites.ts';
import type { LayerSummary, ModelSummary, TowerSummary } from '../../shared/summary.ts';

export interface Candidate {
  readonly address: string;
  readonly about: string;
}

/** Which addresses a place takes: cells of a sweep, heads and MLPs that send, inputs of heads that receive, or tensors. */
export type Takes = 'cells' | 'senders' | 'receivers' | 'tensors';

/** What stands at a JSON pointer's steps; undefined where no address does. */
export function takesAt(steps: readonly string[]): Takes | undefined {
  const [first, , third] = steps;
  if (first === 'expect') return third === 'address' || third === 'includes' ? 'cells' : undefined;
  if (first === 'senders' && steps.length === 2) return 'senders';
  if (first === 'receivers' && steps.length === 2) return 'receivers';
  if (first === 'together' && steps.length === 2) return 'cells';
  return first === 'steer' && steps[1] === 'address' ? 'tensors' : undefined;
}

/** Towers that the cells of an experiment lie in. */
export function candidates(summary: ModelSummary, takes: Takes): readonly Candidate[] {
  const all = summary.towers.flatMap((tower) => tower.blocks.flatMap((block) => ofBlock(tower, block, takes)));
  return takes === 'receivers' ? [{ address: 'logits', about: 'what the model predicts' }, ...all] : all;
}

/** Neurons at once: a list of all would be longer than anybody reads. */
const MOST_NEURONS = 1000;

/** Of the layer that is being typed, "L3N12": as many as there are, in their order. */
export function neuronCandidates({ towers }: ModelSummary, typed: string): readonly Candidate[] {
  const [, prefix = '', layer, digits = ''] = /^(?:(enc|dec|text|vision)\.)?L(\d{1,4})N(\d*)$/.exec(typed) ?? [];
  const mlp = layer === undefined ? undefined : towers.find(({ name }) => name === prefix)?.blocks.find(({ index }) => index === Number(layer))?.mlp;
  const found: Candidate[] = [];
  for (let neuron = 0; neuron < (mlp?.neurons ?? 0) && found.length < MOST_NEURONS; neuron++) {
    if (String(neuron).startsWith(digits)) found.push({ address: neuronAddress(prefix, Number(layer), neuron), about: 'neuron' });
  }
  return found;
}

function ofBlock(tower: TowerSummary, block: LayerSummary, takes: Takes): readonly Candidate[] {
  const { index, attention, mlp } = block;
  const prefix = prefixOf(tower.name);
  const heads = Array.from({ length: attention?.heads ?? 0 }, (_, head) => headAddress(tower.name, index, head));
  const head = heads.map((address) => ({ address, about: 'head' }));
  const tensors = tensorsOf(block).map(({ hook, what }) => ({ address: `${prefix}blocks.${index}.${hook}`, about: what }));
  switch (takes) {
    case 'senders':
      return [...head, ...(mlp ? [{ address: `${prefix}L${index}.mlp_out`, about: 'what the MLP adds to the residual stream' }] : [])];
    case 'receivers':
      return heads.flatMap((address) => (['q', 'k', 'v'] as const).map((part) => ({ address: `${address}.${part}`, about: { q: 'queries', k: 'keys', v: 'values' }[part] })));
    case 'tensors':
      return tensors;
    case 'cells':
      return [...head, ...tensors];
    default:
      return takes satisfies never;
  }
}

function tensorsOf({ attention, mlp }: LayerSummary): readonly { readonly hook: string; readonly what: string }[] {
  return Object.values(sites).filter(({ hook }) => (hook.startsWith('attn.') || hook === 'hook_attn_out' ? attention !== null : hook.startsWith('mlp.') || hook === 'hook_mlp_out' ? mlp !== null : true));
}
