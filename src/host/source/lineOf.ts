/** The line that made what an address points at. Pure. */
import { canonicalOf, parseShort, prefixOf, towerPattern } from '../../shared/addresses.ts';
import type { LayerPart, MadeLine, MadeTensor, SourceMap } from '../../shared/sourceMap.ts';

interface Point {
  readonly tower: string;
  readonly layer: number | null;
  /** The first that was recorded. */
  readonly hooks: readonly string[];
}

const blockPattern = new RegExp(String.raw`^${towerPattern}blocks\.(\d+)\.(.+)$`);
const wholePattern = new RegExp(`^${towerPattern}(.+)$`);

/** Of a head that of its pattern; a position or a channel behind the address is that of its tensor. */
function pointOf(address: string): Point | undefined {
  const [at = ''] = address.split(/[@:]/);
  const short = parseShort(at);
  if (short?.kind === 'head') {
    const module = short.attention === 'cross' ? 'cross_attn' : 'attn';
    return { tower: short.tower, layer: short.layer, hooks: [`${module}.hook_pattern`, `${module}.hook_z`] };
  }
  const canonical = (short && canonicalOf(short)) ?? at;
  const [, tower = '', layer, hook] = blockPattern.exec(canonical) ?? [];
  if (hook !== undefined) return { tower, layer: Number(layer), hooks: [hook] };
  const [, whole = '', name] = wholePattern.exec(canonical) ?? [];
  return name === undefined ? undefined : { tower: whole, layer: null, hooks: [name] };
}

/** Undefined where the record has no line for it. */
export function lineOf({ lines }: Pick<SourceMap, 'lines'>, address: string): MadeLine | undefined {
  const point = pointOf(address);
  if (!point) return undefined;
  const { tower, layer, hooks } = point;
  const isHere = (made: MadeTensor, hook: string): boolean => made.hook === hook && made.tower === tower && (layer === null ? made.layers.length === 0 : made.layers.includes(layer));
  for (const hook of hooks) {
    const found = lines.find(({ made }) => made.some((tensor) => isHere(tensor, hook)));
    if (found) return found;
  }
  // The state that begins a layer is the one that ends the layer before.
  return layer !== null && layer > 0 && hooks[0] === 'hook_resid_pre' ? lineOf({ lines }, `${prefixOf(tower)}blocks.${layer - 1}.hook_resid_post`) : undefined;
}

/** Which part of a layer an address points into. */
export function partOf(address: string): { readonly tower: string; readonly layer: number; readonly part: LayerPart } | undefined {
  const point = pointOf(address);
  const [hook = ''] = point?.hooks ?? [];
  if (!point || point.layer === null) return undefined;
  const part = /^(attn\.|hook_attn_)/.test(hook) ? 'attention' : /^(cross_attn\.|hook_cross_attn_)/.test(hook) ? 'cross' : /^(mlp\.|hook_mlp_)/.test(hook) ? 'mlp' : 'block';
  return { tower: point.tower, layer: point.layer, part };
}
