/** Addresses in a line of any text: notes, code, an experiment. Pure. */
import { canonicalOf, parseShort, towerPattern } from '../../shared/addresses.ts';
import type { ShortAddress } from '../../shared/addresses.ts';

export interface AddressText {
  /** Of the line, UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly address: string;
  readonly target: AddressTarget;
}

export type AddressTarget =
  | ShortAddress
  /** blocks.3.mlp.hook_post */
  | { readonly kind: 'tensor'; readonly tower: string; readonly layer: number; readonly hook: string }
  /** blocks.3, blocks.3.mlp */
  | { readonly kind: 'part'; readonly tower: string; readonly layer: number; readonly part: BlockPart };

export type BlockPart = 'block' | 'attn' | 'cross_attn' | 'mlp';

/** What stands before an address is no part of a longer name, and so is what stands behind. */
const shapes = new RegExp(String.raw`(?<![\w.@-])${towerPattern}(?:L\d{1,4}(?:[HX]\d{1,4}|N\d{1,7}|\.[a-z_]+)(?:@-?\d{1,7})?|blocks\.\d{1,4}\.(?:[a-z_]+\.)?hook_[a-z_]+(?:@-?\d{1,7})?|blocks\.\d{1,4}(?:\.(?:attn|cross_attn|mlp))?(?!\.\w))(?![\w@])`, 'g');
const tensor = new RegExp(String.raw`^${towerPattern}blocks\.(\d+)\.((?:[a-z_]+\.)?hook_[a-z_]+)`);
const part = new RegExp(String.raw`^${towerPattern}blocks\.(\d+)(?:\.([a-z_]+))?$`);
/** Lines are looked at up to here: a file may be one line. */
const LONGEST = 20_000;

export function addressesIn(line: string): readonly AddressText[] {
  return [...line.slice(0, LONGEST).matchAll(shapes)].flatMap(({ 0: address, index }) => {
    const target = targetOf(address);
    return target ? [{ start: index, end: index + address.length, address, target }] : [];
  });
}

export const addressAt = (line: string, character: number): AddressText | undefined => addressesIn(line).find(({ start, end }) => start <= character && character <= end);

function targetOf(address: string): AddressTarget | undefined {
  const short = parseShort(address);
  // L2.norm is no address: no block has such a site.
  if (short) return canonicalOf(short) === undefined ? undefined : short;
  const [, tower = '', layer, hook] = tensor.exec(address) ?? [];
  if (hook !== undefined) return { kind: 'tensor', tower, layer: Number(layer), hook };
  const [, prefix = '', block, name = 'block'] = part.exec(address) ?? [];
  return block === undefined ? undefined : { kind: 'part', tower: prefix, layer: Number(block), part: name as BlockPart };
}
