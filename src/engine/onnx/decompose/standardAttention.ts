/** The standard Attention operator: (queries, keys, values, mask, past keys, past values, keys that are no padding). */
import { BOOL } from '../elementType.ts';
import type { FusedNode } from './fusedNode.ts';
import { afterPast, attend, joinHeads, repeatHeads, splitHeads } from './heads.ts';
import type { Attending } from './heads.ts';
import { later, within } from './masks.ts';
import { firstOf } from './rule.ts';
import type { Rule } from './rule.ts';
import type { Writer } from './writer.ts';

interface Sizes {
  readonly q: number;
  readonly kv: number;
  /** Of a head's queries and keys, and of its values. */
  readonly size: number;
  readonly vSize: number;
}

export const standardAttention: Rule = {
  unable: (node) => firstOf(
    [node.rank(0) !== 3 && node.rank(0) !== 4, 'the number of axes of its queries is not known'],
    [node.rank(1) !== node.rank(0) || node.rank(2) !== node.rank(0), 'its keys and values have not the axes of its queries'],
    [node.has(3) && node.type(3).elemType === 0, 'the type of its mask is not known'],
    [sizesOf(node) === undefined, 'its number of heads or their size is not known'],
  ),
  write: (node, writer) => {
    const sizes = sizesOf(node) ?? { q: 1, kv: 1, size: 1, vSize: 1 };
    const isJoined = node.rank(0) === 3;
    const side = (input: number, heads: number, size: number): string => (isJoined ? splitHeads(writer, node.name(input), heads, size) : node.name(input));
    const q = side(0, sizes.q, sizes.size);
    const k = afterPast(writer, node.maybe(4), side(1, sizes.kv, sizes.size));
    const v = afterPast(writer, node.maybe(5), side(2, sizes.kv, sizes.vSize));
    const { products, capped, scores, pattern, z } = attend(writer, {
      q, k: repeatHeads(writer, k, sizes), v: repeatHeads(writer, v, { ...sizes, size: sizes.vSize }), elemType: node.elemType,
      scale: node.float('scale', 1 / Math.sqrt(sizes.size)), softcap: node.float('softcap', 0),
      ...masks(node, writer, q, k),
    });
    return [isJoined ? joinHeads(writer, z, sizes.q * sizes.vSize) : z, k, v, [products, capped, scores, pattern][node.int('qk_matmul_output_mode')]];
  },
};

function masks(node: FusedNode, writer: Writer, q: string, k: string): Pick<Attending, 'added' | 'hidden' | 'emptyRows'> {
  const isBoolean = node.type(3).elemType === BOOL;
  const past = node.maybe(4);
  const isCausal = node.int('is_causal') === 1;
  return {
    emptyRows: node.has(3) || node.has(6),
    added: [isBoolean ? undefined : node.maybe(3)],
    hidden: [
      isBoolean ? writer.op('Not', [node.name(3)]) : undefined,
      isCausal ? later(writer, q, k, past === undefined ? undefined : writer.size(past, 2)) : undefined,
      node.has(6) ? writer.unsqueeze(writer.op('Not', [within(writer, k, node.name(6))]), [1, 2]) : undefined,
    ],
  };
}

function sizesOf(node: FusedNode): Sizes | undefined {
  const isJoined = node.rank(0) === 3;
  const heads = (input: number, name: string): number | undefined => (isJoined ? node.int(name) || undefined : node.size(input, 1));
  const [q, kv] = [heads(0, 'q_num_heads'), heads(1, 'kv_num_heads')];
  const [width, vWidth] = [node.size(0, -1), node.size(2, -1)];
  if (q === undefined || kv === undefined || width === undefined || vWidth === undefined) return undefined;
  return isJoined ? { q, kv, size: width / q, vSize: vWidth / kv } : { q, kv, size: width, vSize: vWidth };
}
