/** The kinds of masks that fused attention takes, as what is added to the scores or hides keys. */
import { INT64 } from '../elementType.ts';
import { asNumber, sameDim } from '../infer/dim.ts';
import type { FusedNode } from './fusedNode.ts';
import type { Writer } from './writer.ts';

/**
 * ONNX Runtime's mask input at `input`: which keys count [batch, key], which keys count for which query [batch, pos, key], or one axis: the end
 * of each row's keys, [batch] or, with more behind it, [3 * batch + 2]; or their ends and then their starts, [2 * batch].
 * Why it is none of these; undefined where it is.
 */
export function unreadMask(node: FusedNode, input: number): string | undefined {
  if (!node.has(input)) return undefined;
  const shape = node.type(input).shape;
  if (shape?.length === 2 || shape?.length === 3) return undefined;
  if (!shape) return 'the number of axes of its mask is not known';
  if (shape.length !== 1) return `its mask has ${shape.length} axes`;
  const [length, rows] = [asNumber(shape[0]), node.size(0, 0)];
  const isOfRows = length === undefined || rows === undefined || [rows, 2 * rows, 3 * rows + 2].includes(length);
  return isOfRows ? undefined : `its mask of one axis has ${length} values for ${rows} rows`;
}

/** What that mask adds to scores [batch, head, pos, key]; `keys` is a tensor [batch, head, key, size]. */
export function addedMask(node: FusedNode, writer: Writer, input: number, keys: string): string | undefined {
  if (!node.has(input)) return undefined;
  const rank = node.rank(input);
  const mask = writer.cast(node.name(input), INT64);
  const counts = rank === 1 ? between(node, writer, input, mask, keys) : writer.op('Greater', [mask, writer.integer(0)]);
  const filter = node.float('mask_filter_value', -10000);
  const added = writer.op('Where', [counts, writer.number(0, node.elemType), writer.number(filter, node.elemType)]);
  return writer.unsqueeze(added, rank === 3 ? [1] : [1, 2]);
}

/** [batch, key]: whether a key stands before its row's end, and not before its start where the mask tells starts. */
function between(node: FusedNode, writer: Writer, input: number, mask: string, keys: string): string {
  if (sameDim(node.type(input).shape?.[0], node.type(0).shape?.[0])) return within(writer, keys, mask);
  // How long the mask is may show in a run only: with zeros behind it, starts are there in each form.
  const rows = writer.unsqueeze(writer.size(keys, 0), [0]);
  const length = writer.op('Shape', [mask]);
  const padded = writer.op('Concat', [mask, writer.op('Expand', [writer.integer(0), rows])], { axis: 0 });
  const first = writer.op('Where', [writer.op('Equal', [length, writer.op('Mul', [rows, writer.integer(2)])]), rows, length]);
  const ends = writer.op('Slice', [mask, writer.integers([0]), rows]);
  const starts = writer.op('Slice', [padded, first, writer.op('Add', [first, rows])]);
  return writer.op('And', [within(writer, keys, ends), writer.op('Not', [within(writer, keys, starts)])]);
}

/** [batch, key]: whether a key is among the first `lengths` [batch] of its row. */
export function within(writer: Writer, keys: string, lengths: string): string {
  const positions = writer.range(writer.integer(0), writer.size(keys, 2));
  // Compared with zero: no comparison of positions with positions, which a causal mask is known by.
  return writer.op('Less', [writer.op('Sub', [positions, writer.unsqueeze(lengths, [1])]), writer.integer(0)]);
}

/** [pos, key]: whether a key stands behind the query. The first query stands at `past` (a scalar; none: 0). */
export function later(writer: Writer, queries: string, keys: string, past?: string): string {
  const zero = writer.integer(0);
  const length = writer.size(queries, 2);
  const from = past ?? zero;
  const rows = writer.range(from, past === undefined ? length : writer.op('Add', [past, length]));
  return writer.op('Greater', [writer.range(zero, writer.size(keys, 2)), writer.unsqueeze(rows, [1])]);
}
