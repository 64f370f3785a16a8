/** The sites of a block, and how each may be taken apart into cells. */
import type { By, Site } from './experiment.ts';

export interface SiteRow {
  /** What stands behind `blocks.4.` in its canonical address. */
  readonly hook: string;
  readonly by: readonly By[];
  /** "the residual stream before the block": what it is, in a sentence. */
  readonly what: string;
}

const stream: readonly By[] = ['position', 'layer'];
const heads: readonly By[] = ['head', 'position', 'head-position', 'layer'];

export const sites: Readonly<Record<Site, SiteRow>> = {
  resid_pre: { hook: 'hook_resid_pre', by: stream, what: 'the residual stream before the block' },
  resid_mid: { hook: 'hook_resid_mid', by: stream, what: 'the residual stream between attention and MLP' },
  resid_post: { hook: 'hook_resid_post', by: stream, what: 'the residual stream behind the block' },
  attn_out: { hook: 'hook_attn_out', by: stream, what: 'what attention adds to the residual stream' },
  mlp_out: { hook: 'hook_mlp_out', by: stream, what: 'what the MLP adds to the residual stream' },
  z: { hook: 'attn.hook_z', by: heads, what: 'what each head read, before its output matrix' },
  q: { hook: 'attn.hook_q', by: heads, what: 'each head’s queries' },
  k: { hook: 'attn.hook_k', by: heads, what: 'each head’s keys' },
  v: { hook: 'attn.hook_v', by: heads, what: 'each head’s values' },
  pattern: { hook: 'attn.hook_pattern', by: ['head', 'position', 'head-position', 'head-dest-src', 'layer'], what: 'where each head attends' },
  mlp_post: { hook: 'mlp.hook_post', by: ['neuron', 'position', 'layer'], what: 'the MLP’s neurons' },
};

export const siteNames = Object.keys(sites) as readonly Site[];
export const byNames: readonly By[] = ['position', 'head', 'head-position', 'head-dest-src', 'neuron', 'layer'];
export const tracedSites = ['resid_post', 'mlp_out', 'attn_out'] as const;

/** How a sweep over these sites goes where the file does not say. */
export function usualBy(over: readonly Site[]): By {
  const of = (by: By): boolean => over.every((site) => sites[site].by[0] === by);
  return of('head') ? 'head' : of('neuron') ? 'neuron' : 'position';
}

/** Which sites a sweep by this has where the file does not say. */
export function usualSites(by: By): readonly Site[] {
  switch (by) {
    case 'head':
    case 'head-position':
      return ['z'];
    case 'head-dest-src':
      return ['pattern'];
    case 'neuron':
      return ['mlp_post'];
    case 'position':
      return ['resid_pre'];
    case 'layer':
      return ['attn_out', 'mlp_out'];
    default:
      return by satisfies never;
  }
}
