/**
 * ONNX Runtime's GroupQueryAttention: (queries, or all three side by side; keys; values; past keys; past values; the last key's
 * position in each row; all positions; cosines; sines; position ids; attention bias). It is causal, and rotary positions are inside.
 */
import { INT64 } from '../elementType.ts';
import type { FusedNode } from './fusedNode.ts';
import { scaleOf } from './contribAttention.ts';
import { afterPast, attend, joinHeads, repeatHeads, splitHeads } from './heads.ts';
import { rotate } from './rotary.ts';
import { firstOf } from './rule.ts';
import type { Rule } from './rule.ts';
import type { Writer } from './writer.ts';

export const groupQueryAttention: Rule = {
  unable: (node) => firstOf(
    [node.int('smooth_softmax') === 1, 'its attribute smooth_softmax is set'],
    [node.int('causal', 1) !== 1, 'its attribute causal is 0'],
    [node.int('sliding_window_cache') === 1, 'its attribute sliding_window_cache is set'],
    ...(['k_quant_type', 'v_quant_type'] as const).map((name) => [node.text(name, 'NONE') !== 'NONE', `its attribute ${name} is set`] as const),
    ...lateInputs.map(([input, name]) => [node.has(input), `its input ${name} is given`] as const),
    [node.has(1) !== node.has(2), 'it has keys without values'],
    [node.rank(0) !== 3, 'the number of axes of its queries is not known'],
    [headSize(node) === undefined, 'its head size is not known'],
    [node.int('do_rotary') === 1 && node.size(7, -1) === undefined, 'the width of its cosine table is not known'],
  ),
  write: (node, writer) => {
    const { q: heads, kv } = headCounts(node);
    const size = headSize(node) ?? 0;
    const whole = node.has(1) ? [node.name(0), node.name(1), node.name(2)] : writer.split(node.name(0), 2, [heads * size, kv * size, kv * size]);
    const [plainQ, plainK, ownV] = whole.map((part, index) => splitHeads(writer, part, index === 0 ? heads : kv, size)) as [string, string, string];
    const before = pastOfRows(node, writer);
    const own = writer.range(writer.integer(0), writer.size(node.name(0), 1));
    // [batch, pos]: where each query stands in its row.
    const positions = writer.op('Add', [writer.unsqueeze(before, [1]), own]);
    const turn = rotation(node, writer, positions, size);
    const k = afterPast(writer, node.maybe(3), turn(plainK));
    const v = afterPast(writer, node.maybe(4), ownV);
    const repeated = { kv, q: heads, size };
    const q = turn(plainQ);
    const { scores, pattern, z } = attend(writer, {
      q, k: repeatHeads(writer, k, repeated), v: repeatHeads(writer, v, repeated), elemType: node.elemType,
      scale: scaleOf(node, size), softcap: node.float('softcap', 0),
      added: [node.maybe(10)],
      hidden: [hiddenKeys(node, writer, { positions, own, before })],
    });
    return [joinHeads(writer, z, heads * size), k, v, [undefined, scores, pattern][node.int('qk_output')]];
  },
};

const lateInputs: readonly (readonly [number, string])[] = [
  [11, 'head_sink'], [12, 'k_scale'], [13, 'v_scale'], [14, 'q_norm_weight'], [15, 'k_norm_weight'], [16, 'query_seqlens'],
];

const headCounts = (node: FusedNode): { readonly q: number; readonly kv: number } => ({ q: node.int('num_heads'), kv: node.int('kv_num_heads') });

function headSize(node: FusedNode): number | undefined {
  const { q, kv } = headCounts(node);
  const width = node.size(0, -1);
  return width === undefined ? undefined : width / (node.has(1) ? q : q + 2 * kv);
}

/** [batch]: how many keys of its past count in each row. The first prompt has none, also where its rows end in padding. */
function pastOfRows(node: FusedNode, writer: Writer): string {
  const total = writer.op('Add', [writer.reshape(writer.cast(node.name(5), INT64), [-1]), writer.integer(1)]);
  return writer.op('Max', [writer.op('Sub', [total, writer.size(node.name(0), 1)]), writer.integer(0)]);
}

function rotation(node: FusedNode, writer: Writer, positions: string, size: number): (value: string) => string {
  if (node.int('do_rotary') !== 1) return (value) => value;
  const ids = node.has(9) ? givenPositions(node, writer) : positions;
  const look = (input: number): string => writer.unsqueeze(writer.op('Gather', [node.name(input), ids]), [1]);
  const [cos, sin] = [look(7), look(8)];
  const turned = 2 * (node.size(7, -1) ?? 0);
  return (value) => rotate(writer, value, { cos, sin, turned, size, interleaved: node.int('rotary_interleaved') === 1 });
}

/** ONNX Runtime counts a first prompt's positions on from the very first one in all rows, and takes others as they are given. */
function givenPositions(node: FusedNode, writer: Writer): string {
  const length = writer.size(node.name(0), 1);
  const isFirst = writer.op('Equal', [writer.reshape(writer.cast(node.name(6), INT64), []), length]);
  const first = writer.op('Gather', [writer.reshape(node.name(9), [-1]), writer.integer(0)]);
  const counted = writer.op('Add', [writer.range(writer.integer(0), length), first]);
  return writer.op('Where', [isFirst, counted, node.name(9)]);
}

interface Positions {
  readonly positions: string;
  readonly own: string;
  readonly before: string;
}

/**
 * [batch, 1, pos, key]: whether a key is hidden. The keys are those of the past, as long as the longest row's, and then the prompt's own;
 * in a shorter row those of the past that do not count are skipped.
 */
function hiddenKeys(node: FusedNode, writer: Writer, { positions, own, before }: Positions): string {
  const row = writer.unsqueeze(before, [1]);
  const ownKeys = writer.op('Add', [row, own]);
  const queries = writer.unsqueeze(positions, [2]);
  let keys = ownKeys;
  if (node.has(3)) {
    const past = writer.range(writer.integer(0), writer.size(node.name(3), 2));
    // A position behind every query.
    const nowhere = writer.integer(2 ** 40);
    const counted = writer.op('Where', [writer.op('Less', [writer.op('Sub', [past, row]), writer.integer(0)]), past, nowhere]);
    keys = writer.op('Concat', [counted, ownKeys], { axis: 1 });
  }
  const spread = writer.unsqueeze(keys, [1]);
  const behind = writer.op('Greater', [spread, queries]);
  const window = node.int('local_window_size', -1);
  const far = window > 0 ? writer.op('Less', [writer.op('Sub', [spread, queries]), writer.integer(1 - window)]) : undefined;
  return writer.unsqueeze(far === undefined ? behind : writer.op('Or', [behind, far]), [1]);
}
