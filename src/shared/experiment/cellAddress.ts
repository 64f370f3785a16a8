/** Addresses of cells: `L4H4`, `L4H4.q@7`, `L4H4.pattern@7,3` (destination, source), `L3N1234`, `blocks.4.hook_resid_pre@7`, `logits`. */
import { canonicalOf, parseShort, prefixOf } from '../addresses.ts';
import { siteNames, sites } from './sites.ts';
import type { Site } from './experiment.ts';

const tower = '(?:(?:enc|dec|text|vision)\\.)?';
const headForm = new RegExp(`^${tower}L\\d{1,4}[HX]\\d{1,4}(?:\\.(z|q|k|v|pattern))?(?:@-?\\d{1,7}|(?<=\\.pattern)@-?\\d{1,7},-?\\d{1,7})?$`);
const canonicalForm = new RegExp(`^${tower}(?:blocks\\.\\d{1,4}\\.(?:hook_[a-z_]+|(?:cross_)?attn\\.hook_[a-z_]+|mlp\\.hook_[a-z_]+)|hook_embed|hook_pos_embed|ln_final\\.hook_normalized)(?:@-?\\d{1,7})?$`);

const isSite = (name: string): name is Site => Object.hasOwn(sites, name);

/** One spelling for all that mean the same: short forms of whole sites become canonical, `L4H4.z` is `L4H4`, and positions count from the start. */
export function sameCell(address: string, length: number | null = null): string {
  const [, body = address, positions] = /^(.*)@(-?\d+(?:,-?\d+)?)$/.exec(address) ?? [];
  const at = positions === undefined ? '' : `@${positions.split(',').map((text) => (text.startsWith('-') && length !== null ? length + Number(text) : text)).join(',')}`;
  // Scales of a steering, for those without a multiplication sign on their keyboard.
  if (/ [x*×] /.test(address)) return address.replace(/ [x*×] /, ' × ');
  if (headForm.test(body)) return `${body.replace(/\.z$/, '')}${at}`;
  const short = parseShort(body);
  if (short?.kind !== 'site') return `${body}${at}`;
  const block = `${prefixOf(short.tower)}blocks.${short.layer}`;
  const hook = isSite(short.site) ? `${block}.${sites[short.site].hook}` : canonicalOf(short);
  return hook === undefined ? address : `${hook}${at}`;
}

/** Whether a text has the form of an address; what the model has is for the engine to say. */
export function isAddress(text: string): boolean {
  return headForm.test(text) || parseShort(text)?.kind === 'neuron' || canonicalForm.test(sameCell(text));
}

/** A head (`L4H4`) or a part of one (`L5H1.q`), at a position or at all. */
export const headPart = (text: string): { readonly part: string | null } | undefined => {
  const match = headForm.exec(text);
  return match ? { part: match[1] ?? null } : undefined;
};

/** What one address of a place in a block says. */
export interface CellPlace {
  readonly tower: string;
  readonly layer: number;
  readonly site: Site;
  readonly at: { readonly position?: number; readonly source?: number; readonly head?: number; readonly neuron?: number };
}

/** Addresses of the forms that cells have: `L4H4`, `L4H4.q@7`, `L4H4.pattern@7,3`, `L3N12`, `L4.resid_post@3`, `blocks.4.hook_attn_out@7`. */
export function cellPlace(text: string): CellPlace | undefined {
  const [, before = '', part, behind = '', source] = /^(.*L\d+H\d+)\.(q|k|v|pattern|z)(@-?\d+)?(?:(?<=\.pattern@-?\d+),(-?\d+))?$/.exec(text) ?? [];
  const short = parseShort(part === undefined ? text : `${before}${behind}`);
  if (short && short.kind !== 'site') {
    const position = short.position === null ? {} : { position: short.position };
    const common = { tower: short.tower, layer: short.layer };
    if (short.kind === 'neuron') return { ...common, site: 'mlp_post', at: { neuron: short.neuron, ...position } };
    return short.attention === 'cross' ? undefined : { ...common, site: part !== undefined && isSite(part) ? part : 'z', at: { head: short.head, ...position, ...(source === undefined ? {} : { source: Number(source) }) } };
  }
  const [, tower = '', layer = '', hook = '', position] = /^(?:(enc|dec|text|vision)\.)?(?:blocks\.|L)(\d+)\.([a-z_.]+?)(?:@(-?\d+))?$/.exec(text) ?? [];
  const site = siteNames.find((one) => sites[one].hook === hook || one === hook);
  return site && { tower, layer: Number(layer), site, at: position === undefined ? {} : { position: Number(position) } };
}

/** The layer that an address lies in; undefined outside the blocks. */
export function layerOf(address: string): number | undefined {
  const [, short, long] = /^(?:[a-z]+\.)?(?:L(\d+)|blocks\.(\d+)\.)/.exec(address) ?? [];
  const layer = short ?? long;
  return layer === undefined ? undefined : Number(layer);
}
