/** Rotary positions: turning pairs of a head's elements by tables of cosines and sines. */
import { firstOf } from './rule.ts';
import type { FusedNode } from './fusedNode.ts';
import type { Rule } from './rule.ts';
import type { Writer } from './writer.ts';

export interface Turn {
  /** Half as wide as what is turned, and broadcast over it. */
  readonly cos: string;
  readonly sin: string;
  /** Elements of a head that are turned; the rest is handed on. */
  readonly turned: number;
  readonly size: number;
  /** Pairs are neighbours (0, 1), (2, 3), …; else (0, half), (1, half + 1), … */
  readonly interleaved: boolean;
}

/** Turns the last axis of a tensor with four. */
export function rotate(writer: Writer, value: string, turn: Turn): string {
  const { turned, size } = turn;
  if (turned === size) return turnWhole(writer, value, turn);
  const [first, rest] = writer.split(value, -1, [turned, size - turned]);
  return writer.op('Concat', [turnWhole(writer, first as string, turn), rest], { axis: -1 });
}

function turnWhole(writer: Writer, value: string, { cos, sin, turned, interleaved }: Turn): string {
  const half = turned / 2;
  const split = (): readonly string[] => {
    if (!interleaved) return writer.split(value, -1, [half, half]);
    const pairs = writer.op('Reshape', [value, writer.op('Concat', [writer.op('Slice', [writer.op('Shape', [value]), writer.integers([0]), writer.integers([3])]), writer.integers([half, 2])], { axis: 0 })]);
    return writer.split(pairs, -1, [1, 1]).map((part) => writer.squeeze(part, [4]));
  };
  const [real, imaginary] = split();
  const times = (a: string | undefined, b: string): string => writer.op('Mul', [a, b]);
  const first = writer.op('Sub', [times(real, cos), times(imaginary, sin)]);
  const second = writer.op('Add', [times(imaginary, cos), times(real, sin)]);
  if (!interleaved) return writer.op('Concat', [first, second], { axis: -1 });
  const pairs = writer.op('Concat', [writer.unsqueeze(first, [4]), writer.unsqueeze(second, [4])], { axis: -1 });
  return writer.op('Reshape', [pairs, writer.op('Shape', [value])]);
}

/** ONNX Runtime's operator: (value, positions, cosines, sines). */
export const contribRotary: Rule = {
  unable: (node) => firstOf(
    [node.int('is_packed_batching') === 1, 'its attribute is_packed_batching is set'],
    [node.float('scale', 1) !== 1, 'its attribute scale is set'],
    [node.rank(1) !== 2 && !(node.rank(1) === 1 && node.size(1, 0) === 1), 'the form of its position ids is not known'],
    ...unknownSizes(node, 2),
  ),
  write: (node, writer) => {
    const axis = posAxis(node);
    const ids = node.rank(1) === 2 ? node.name(1) : writer.op('Add', [writer.range(writer.integer(0), writer.size(node.name(0), axis)), node.name(1)]);
    const look = (table: string): string => spreadOverHeads(writer, writer.op('Gather', [table, ids]), node.rank(1) === 2, axis);
    return [turnHeads(node, writer, look(node.name(2)), look(node.name(3)), 2)];
  },
};

/** The standard operator: (value, cosines, sines, positions); without positions the tables have a row for each. */
export const standardRotary: Rule = {
  unable: (node) => firstOf([node.has(3) && node.rank(3) !== 2, 'its position ids are not known to have two axes'], ...unknownSizes(node, 1)),
  write: (node, writer) => {
    const ids = node.maybe(3);
    const look = (table: string): string => spreadOverHeads(writer, ids === undefined ? table : writer.op('Gather', [table, ids]), true, posAxis(node));
    return [turnHeads(node, writer, look(node.name(1)), look(node.name(2)), 1)];
  },
};

/** Where the positions stand: [batch, head, pos, size] or [batch, pos, heads · size]. */
const posAxis = (node: FusedNode): number => (node.rank(0) === 4 ? 2 : 1);

/** [batch, pos, half] or [pos, half] with an axis for the heads. */
function spreadOverHeads(writer: Writer, table: string, hasBatch: boolean, pos: number): string {
  if (pos === 2) return hasBatch ? writer.unsqueeze(table, [1]) : table;
  return writer.unsqueeze(table, [hasBatch ? 2 : 1]);
}

function unknownSizes(node: FusedNode, tableAt: number): readonly (readonly [boolean, string])[] {
  const rank = node.rank(0);
  return [
    [rank !== 3 && rank !== 4, 'the number of axes of its input is not known to be three or four'],
    [node.size(tableAt, -1) === undefined, 'the width of its cosine table is not known'],
    [headSize(node, tableAt) === undefined, 'its head size is not known'],
  ];
}

function headSize(node: FusedNode, tableAt: number): number | undefined {
  const last = node.size(0, -1);
  if (node.rank(0) === 4) return last;
  const heads = node.int('num_heads');
  const half = node.size(tableAt, -1);
  return last !== undefined && heads > 0 ? last / heads : half === undefined ? undefined : 2 * half;
}

function turnHeads(node: FusedNode, writer: Writer, cos: string, sin: string, tableAt: number): string {
  const size = headSize(node, tableAt) ?? 0;
  const turn: Turn = { cos, sin, turned: 2 * (node.size(tableAt, -1) ?? 0), size, interleaved: node.int('interleaved') === 1 };
  if (node.rank(0) === 4) return rotate(writer, node.name(0), turn);
  const apart = writer.reshape(node.name(0), [0, 0, -1, size]);
  return writer.op('Reshape', [rotate(writer, apart, turn), writer.op('Shape', [node.name(0)])]);
}
