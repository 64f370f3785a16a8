/** ONNX Runtime's MultiHeadAttention: (queries, keys, values, bias, mask, attention bias, past keys, past values). */
import type { FusedNode } from './fusedNode.ts';
import { pastLength, scaleOf } from './contribAttention.ts';
import { afterPast, attend, joinHeads, splitHeads } from './heads.ts';
import { addedMask, later, unreadMask } from './masks.ts';
import { firstOf } from './rule.ts';
import type { Rule } from './rule.ts';

export const multiHeadAttention: Rule = {
  unable: (node) => firstOf(
    [node.rank(0) !== 3, node.rank(0) === 5 ? 'its queries, keys and values are packed into one input' : 'the number of axes of its queries is not known'],
    [!node.has(1) || !node.has(2), 'its keys and values are packed into one input'],
    [node.rank(1) !== node.rank(2) || (node.rank(1) !== 3 && node.rank(1) !== 4), 'the form of its keys and values is not known'],
    [node.has(8), 'its past has a length of its own (past_sequence_length)'],
    [node.has(9), 'its past is shared between beams (cache_indirection)'],
    [node.size(0, -1) === undefined || valueWidth(node) === undefined, 'its head size is not known'],
  ) ?? unreadMask(node, 4),
  write: (node, writer) => {
    const heads = node.int('num_heads');
    const width = node.size(0, -1) ?? 0;
    const vWidth = valueWidth(node) ?? 0;
    const bias = node.has(3) ? writer.split(node.name(3), 0, [width, width, vWidth]) : [];
    const side = (input: number, size: number): string => {
      // Keys and values of four axes have stood apart by head before, bias included.
      if (node.rank(input) === 4) return node.name(input);
      const biased = bias[input] === undefined ? node.name(input) : writer.op('Add', [node.name(input), bias[input]]);
      return splitHeads(writer, biased, heads, size / heads);
    };
    const [q, ownK, ownV] = [side(0, width), side(1, width), side(2, vWidth)];
    const k = afterPast(writer, node.maybe(6), ownK);
    const v = afterPast(writer, node.maybe(7), ownV);
    const isCausal = node.int('unidirectional') === 1;
    const { scores, z } = attend(writer, {
      q, k, v, elemType: node.elemType,
      scale: scaleOf(node, width / heads),
      added: [addedMask(node, writer, 4, k), node.maybe(5)],
      hidden: [isCausal ? later(writer, q, k, node.has(6) ? pastLength(writer, k, ownK) : undefined) : undefined],
    });
    return [joinHeads(writer, z, vWidth), k, v, scores];
  },
};

function valueWidth(node: FusedNode): number | undefined {
  const last = node.size(2, -1);
  return node.rank(2) === 4 && last !== undefined ? last * node.int('num_heads') : last;
}
