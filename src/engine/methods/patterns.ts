/** The attention patterns of a run: which tensors they are, and one of them in TransformerLens's axes. */
import type { AttentionPlace } from '../../shared/protocol/engineApi.ts';
import type { AddressEntry } from '../anatomy/addresses.ts';
import { LayoutError } from '../anatomy/canonical.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { ModelSession } from '../session.ts';
import type { TowerTokens } from './prompt.ts';

/** Addresses of the patterns, by the tensor that holds them. */
export function patternEntries(session: ModelSession): readonly AddressEntry[] {
  return session.addresses.filter((entry) => entry.address.endsWith('attn.hook_pattern'));
}

export const isCross = ({ address }: AddressEntry): boolean => address.includes('.cross_attn.');

/** Patterns of attention to the own stream. */
export const ownPatterns = (session: ModelSession): readonly AddressEntry[] => patternEntries(session).filter((entry) => !isCross(entry));

export const attentionPlace = (entry: AddressEntry): AttentionPlace => ({
  tower: entry.address.slice(0, entry.address.indexOf('blocks.')), attention: isCross(entry) ? 'cross' : 'self', layer: entry.layer ?? 0,
});

/** [batch, head, dest, src]. Undefined where the tensor is no pattern after all; its layer's attention is then taken back. */
export function patternOf(session: ModelSession, entry: AddressEntry, tensor: Tensor, tokens: TowerTokens, rows = 1): CanonicalArray | undefined {
  try {
    return session.canonical(entry, tensor, tokens.get(entry.tower.name)?.length ?? null, rows);
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    session.withdrawn.add(entry.address.slice(0, entry.address.search(/\.(cross_)?attn\./)), isCross(entry) ? 'cross' : 'attention', `It is not what it was taken for: ${error.data.what.toLowerCase()}`);
    return undefined;
  }
}
