/** Addresses of single places, as hooks and parts of activations in Python. */
import { cellPlace } from '../cellAddress.ts';
import { CogscopeError } from '../../errors.ts';
import { sites } from '../sites.ts';
import { cellNames } from './sweep.ts';

export interface Spot {
  readonly layer: number;
  /** `blocks.4.attn.hook_z` */
  readonly hook: string;
  /** `s_[:, :, 4]` */
  readonly at: string;
}

export function spotOf(address: string): Spot {
  const found = cellPlace(address);
  if (!found || found.tower !== '') throw new CogscopeError('refused', `"${address}" has no counterpart in TransformerLens that could be written out`, 'Show the experiment’s file instead');
  const { site, layer, at } = found;
  const ofHead = at.position === undefined ? 'head' : at.source === undefined ? 'head-position' : 'head-dest-src';
  const by = at.head !== undefined ? ofHead : at.neuron === undefined ? 'layer' : 'neuron';
  const names = cellNames(site, by === 'layer' && at.position !== undefined ? 'position' : by).at;
  return { layer, hook: `blocks.${layer}.${sites[site].hook}`, at: `s_[${names.replace(/head|neuron|position|source/g, (name) => String(at[name as keyof typeof at]))}]` };
}
