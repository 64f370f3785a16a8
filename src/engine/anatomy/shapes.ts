/** Shapes of activations in TransformerLens's order of axes, as far as the anatomy knows them. */
import type { Dim } from '../onnx/infer/dim.ts';
import type { AddressEntry } from './addresses.ts';
import type { Atom, Block, Tower } from './types.ts';
import type { Axis, Figure } from '../../shared/summary.ts';

interface Owner {
  readonly tower: Tower;
  readonly block: Block | undefined;
  readonly entry: AddressEntry;
}

const attentionOf = ({ block, entry }: Owner): Block['attention'] => (entry.address.includes('.cross_attn.') ? block?.cross : block?.attention) ?? null;
const isCross = ({ entry }: Owner): boolean => entry.address.includes('.cross_attn.');

/** Lengths that the file tells. What the prompt decides has a name, and stands as it. */
const lengths: Readonly<Partial<Record<Atom, (owner: Owner) => Figure>>> = {
  head: (owner) => attentionOf(owner)?.heads ?? null,
  kv: (owner) => attentionOf(owner)?.kvHeads ?? null,
  dHead: (owner) => attentionOf(owner)?.dHead ?? null,
  dModel: ({ tower }) => tower.dModel,
  neuron: ({ block }) => block?.mlp?.neurons ?? null,
  vocab: ({ tower }) => tower.vocab,
  channel: ({ tower, entry }) => tower.convolutions.find(({ output }) => output === entry.place)?.channels ?? null,
};

/** [batch, 8, pos, pos]. */
export function shapeOf(entry: AddressEntry): readonly Axis[] {
  const { tower, axes, layer } = entry;
  const owner: Owner = { tower, entry, block: tower.blocks.find(({ index }) => index === layer) };
  return axes.map((atom) => lengths[atom]?.(owner) ?? (atom === 'dest' || (atom === 'src' && !isCross(owner)) ? 'pos' : atom));
}

/** A dimension as views tell it: 12, "batch", "2*seq"; null where it is unknown. `names` replaces the file's own. */
export function axisOf(dim: Dim | undefined, names: ReadonlyMap<string, string> = new Map()): Axis {
  if (!dim) return null;
  if (dim.symbols.length === 0) return dim.coefficient;
  return [...(dim.coefficient === 1 ? [] : [String(dim.coefficient)]), ...dim.symbols.map((name) => names.get(name) ?? name)].join('*');
}
