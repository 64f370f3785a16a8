/** ONNX Runtime's Attention: (stream, weights of queries, keys and values side by side, bias, mask, past, attention bias). */
import type { FusedNode } from './fusedNode.ts';
import { afterPast, attend, joinHeads, splitHeads } from './heads.ts';
import { addedMask, later, unreadMask } from './masks.ts';
import { firstOf } from './rule.ts';
import type { Rule } from './rule.ts';
import type { Writer } from './writer.ts';

export const contribAttention: Rule = {
  unable: (node) => firstOf(
    [node.int('do_rotary') === 1, 'its attribute do_rotary is set'],
    [node.int('past_present_share_buffer') === 1, 'its attribute past_present_share_buffer is set'],
    [node.has(6), 'its past has a length of its own (past_sequence_length)'],
    [widths(node) === undefined, 'the width of its weights is not known'],
  ) ?? unreadMask(node, 3),
  write: (node, writer) => {
    const sizes = widths(node) ?? [0, 0, 0];
    const heads = node.int('num_heads');
    const product = writer.op('MatMul', [node.name(0), node.name(1)]);
    const joined = node.has(2) ? writer.op('Add', [product, node.name(2)]) : product;
    const [q, ownK, ownV] = writer.split(joined, 2, sizes).map((part, index) => splitHeads(writer, part, heads, (sizes[index] ?? 0) / heads)) as [string, string, string];
    const past = node.has(4) ? (index: number): string => writer.op('Gather', [node.name(4), writer.integer(index)], { axis: 0 }) : undefined;
    const k = afterPast(writer, past?.(0), ownK);
    const v = afterPast(writer, past?.(1), ownV);
    const isCausal = node.int('unidirectional') === 1;
    const { z } = attend(writer, {
      q, k, v, elemType: node.elemType,
      scale: scaleOf(node, sizes[0] / heads),
      added: [addedMask(node, writer, 3, k), node.maybe(5)],
      hidden: [isCausal ? later(writer, q, k, past && pastLength(writer, k, ownK)) : undefined],
    });
    const present = node.wants(1) ? writer.op('Concat', [writer.unsqueeze(k, [0]), writer.unsqueeze(v, [0])], { axis: 0 }) : undefined;
    return [joinHeads(writer, z, sizes[2]), present];
  },
};

/** Of queries, keys and values. */
function widths(node: FusedNode): readonly [number, number, number] | undefined {
  const given = node.ints('qkv_hidden_sizes');
  if (given?.length === 3) return given as unknown as [number, number, number];
  const all = node.size(1, -1);
  return all === undefined ? undefined : [all / 3, all / 3, all / 3];
}

/** 0 and none both stand for the usual one. */
export function scaleOf(node: FusedNode, headSize: number): number {
  const given = node.float('scale', 0);
  return given === 0 ? 1 / Math.sqrt(headSize) : given;
}

/** Keys that were there before the prompt's own. */
export function pastLength(writer: Writer, all: string, own: string): string {
  return writer.op('Sub', [writer.size(all, 2), writer.size(own, 2)]);
}
