/** Sweeps in Python: what stands for a cell in loops, indices and addresses. */
import type { By, Site } from '../experiment.ts';
import { sites } from '../sites.ts';

type Loop = 'position' | 'source' | 'head' | 'neuron';

/** Names of the loops behind the layer's. */
const loops: Readonly<Record<By, readonly Loop[]>> = { layer: [], position: ['position'], head: ['head'], 'head-position': ['head', 'position'], 'head-dest-src': ['head', 'position', 'source'], neuron: ['neuron'] };

/** Axes behind the batch's, by which loop picks along each. */
const axes = (site: Site): readonly (Loop | null)[] => {
  if (site === 'pattern') return ['head', 'position', 'source'];
  if (site === 'mlp_post') return ['position', 'neuron'];
  return sites[site].hook.startsWith('attn.') ? ['position', 'head', null] : ['position', null];
};

export interface CellNames {
  /** `["layer", "head"]` */
  readonly loops: readonly string[];
  /** Where each loop but the layer's ends. */
  readonly ends: readonly string[];
  /** The part of an activation that a cell is: `:, :, head`. */
  readonly at: string;
  /** The inside of an f-string: `L{layer}H{head}.q`. */
  readonly address: string;
}

export function cellNames(site: Site, by: By): CellNames {
  const picked = axes(site).map((axis) => (axis !== null && loops[by].some((loop) => loop === axis) ? axis : ':'));
  const last = picked.findLastIndex((axis) => axis !== ':');
  return { loops: ['layer', ...loops[by]], ends: loops[by].map((loop) => endOf(site, loop)), at: [':', ...picked.slice(0, last + 1)].join(', '), address: addressOf(site, by) };
}

function endOf(site: Site, loop: Loop): string {
  if (loop === 'position' || loop === 'source') return 'length';
  if (loop === 'neuron') return 'bridge.cfg.d_mlp';
  return site === 'k' || site === 'v' ? '(bridge.cfg.n_key_value_heads or bridge.cfg.n_heads)' : 'bridge.cfg.n_heads';
}

function addressOf(site: Site, by: By): string {
  const hook = hookOf(site);
  switch (by) {
    case 'layer':
      return hook;
    case 'position':
      return `${hook}@{position}`;
    case 'neuron':
      return 'L{layer}N{neuron}';
    case 'head':
    case 'head-position':
      return `L{layer}H{head}${site === 'z' ? '' : `.${site}`}${by === 'head' ? '' : '@{position}'}`;
    case 'head-dest-src':
      return `L{layer}H{head}.${site}@{position},{source}`;
    default:
      return by satisfies never;
  }
}

/** The inside of an f-string. */
export const hookOf = (site: Site): string => `blocks.{layer}.${sites[site].hook}`;

export const layersOf = (layers: readonly number[] | undefined): string => (layers ? `[${layers.join(', ')}]` : 'range(bridge.cfg.n_layers)');

/** TransformerLens's own function of a sweep over all layers, and the order of its axes behind the layer's. */
export function functionOf(site: Site, by: By): { readonly name: string; readonly axes: readonly string[] } | undefined {
  const head = site === 'z' ? 'out' : site;
  const isOfHead = sites[site].by.includes('head');
  if (by === 'head' && isOfHead) return { name: `get_act_patch_attn_head_${head}_all_pos`, axes: ['head'] };
  if (by === 'head-position' && isOfHead) return { name: `get_act_patch_attn_head_${head}_by_pos`, axes: site === 'pattern' ? ['head', 'position'] : ['position', 'head'] };
  if (by === 'head-dest-src') return { name: 'get_act_patch_attn_head_pattern_dest_src_pos', axes: ['head', 'position', 'source'] };
  if (by === 'position' && ['resid_pre', 'resid_mid', 'attn_out', 'mlp_out'].includes(site)) return { name: `get_act_patch_${site}`, axes: ['position'] };
  return undefined;
}
