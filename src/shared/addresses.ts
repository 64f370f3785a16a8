/**
 * Canonical addresses in TransformerLens's vocabulary and their short forms (cli.md).
 *
 * `L5H3` head, `dec.L5X3` head of cross attention, `L3N1234` MLP neuron, `L4.resid_post`, with `@7` for a position; a tower prefix (`enc.`) before any.
 */
/** A head's attention to its own stream, or to another (cross attention). */
export type AttentionKind = 'self' | 'cross';

export type ShortAddress =
  | { readonly kind: 'head'; readonly tower: string; readonly layer: number; readonly attention: AttentionKind; readonly head: number; readonly position: number | null }
  | { readonly kind: 'neuron'; readonly tower: string; readonly layer: number; readonly neuron: number; readonly position: number | null }
  | { readonly kind: 'site'; readonly tower: string; readonly layer: number; readonly site: string; readonly position: number | null };

/** Of a regular expression: the prefix of a tower, where there is one; captures its name. */
export const towerPattern = '(?:(enc|dec|text|vision|pool)\\.)?';
const shortPattern = new RegExp(`^${towerPattern}L(\\d{1,4})(?:([HX])(\\d{1,4})|N(\\d{1,7})|\\.([a-z_]+))(?:@(-?\\d{1,7}))?$`);

/** Reads a short form; undefined where it is none. */
export function parseShort(text: string): ShortAddress | undefined {
  const match = shortPattern.exec(text);
  if (!match) return undefined;
  const [, prefix, layer, kind, head, neuron, site, at] = match;
  const common = { tower: prefix ?? '', layer: Number(layer), position: at === undefined ? null : Number(at) };
  if (head !== undefined) return { kind: 'head', ...common, attention: kind === 'X' ? 'cross' : 'self', head: Number(head) };
  if (neuron !== undefined) return { kind: 'neuron', ...common, neuron: Number(neuron) };
  return { kind: 'site', ...common, site: site ?? '' };
}

/** What the prefixes of towers stand for. */
export const towerNames: Readonly<Record<string, string>> = { enc: 'encoder', dec: 'decoder', text: 'text encoder', vision: 'vision encoder', pool: 'pooling head' };

/** What stands before the addresses of a tower: "enc."; nothing for the only one. */
export const prefixOf = (tower: string): string => (tower === '' ? '' : `${tower}.`);

export const headAddress = (tower: string, layer: number, head: number, attention: AttentionKind = 'self'): string => `${prefixOf(tower)}L${layer}${attention === 'cross' ? 'X' : 'H'}${head}`;
export const neuronAddress = (tower: string, layer: number, neuron: number): string => `${prefixOf(tower)}L${layer}N${neuron}`;

/** Sites of a block, by the name in the short form, with what stands behind `blocks.N.`. */
const siteHooks: Readonly<Record<string, string>> = {
  resid_pre: 'hook_resid_pre', resid_mid: 'hook_resid_mid', resid_post: 'hook_resid_post',
  attn_out: 'hook_attn_out', mlp_out: 'hook_mlp_out', q: 'attn.hook_q', k: 'attn.hook_k', v: 'attn.hook_v', z: 'attn.hook_z',
  resid_mid_cross: 'hook_resid_mid_cross', cross_attn_out: 'hook_cross_attn_out', cross_pattern: 'cross_attn.hook_pattern',
  pattern: 'attn.hook_pattern', attn_scores: 'attn.hook_attn_scores', pre: 'mlp.hook_pre', post: 'mlp.hook_post',
};

/** The canonical address of the tensor that a short form points into; undefined for a site that no block has. */
export function canonicalOf(short: ShortAddress): string | undefined {
  const block = `${prefixOf(short.tower)}blocks.${short.layer}`;
  switch (short.kind) {
    case 'head':
      return `${block}.${short.attention === 'cross' ? 'cross_attn' : 'attn'}.hook_z`;
    case 'neuron':
      return `${block}.mlp.hook_post`;
    case 'site': {
      const hook = Object.hasOwn(siteHooks, short.site) ? siteHooks[short.site] : undefined;
      return hook === undefined ? undefined : `${block}.${hook}`;
    }
    default:
      return short satisfies never;
  }
}

/** A glob over addresses (`blocks.*.attn.hook_pattern`): `*` stands for any run of characters but a dot, `**` for any. */
export function globMatcher(glob: string): (address: string) => boolean {
  const parts = glob.match(/\*\*+|\*|[^*]/g) ?? [];
  const isStar = (at: number): boolean => parts[at]?.startsWith('*') ?? false;
  // Every place in the glob that the characters so far may lead to: a regular expression could try each way to get there.
  const withStars = (places: ReadonlySet<number>): ReadonlySet<number> => {
    const all = new Set(places);
    for (const place of all) if (isStar(place)) all.add(place + 1);
    return all;
  };
  return (address) => {
    let places = withStars(new Set([0]));
    for (const character of address) {
      const next = new Set<number>();
      for (const place of places) {
        if (parts[place] === character && !isStar(place)) next.add(place + 1);
        else if (isStar(place) && (character !== '.' || parts[place] !== '*')) next.add(place);
      }
      places = withStars(next);
    }
    return places.has(parts.length);
  };
}
