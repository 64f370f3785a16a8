/** The kinds of masks that fused attention takes, as what is added to the scores or hides keys. */
import { INT64 } from '../elementType.ts';
import { sameDim } from '../infer/dim.ts';
import type { FusedNode } from './fusedNode.ts';
import type { Writer } from './writer.ts';

/**
 * ONNX Runtime's mask input at `input`: for each row how many keys count [batch], which keys count [batch, key] or which keys
 * count for which query [batch, pos, key]. Why it is none of these; undefined where it is.
 */
export function unreadMask(node: FusedNode, input: number): string | undefined {
  if (!node.has(input)) return undefined;
  const shape = node.type(input).shape;
  if (shape?.length === 2 || shape?.length === 3) return undefined;
  if (shape?.length === 1 && sameDim(shape[0], node.type(0).shape?.[0])) return undefined;
  return shape ? `its mask has ${shape.length === 1 ? 'a form of one axis that is not a length for each row' : `${shape.length} axes`}` : 'the number of axes of its mask is not known';
}

/** What that mask adds to scores [batch, head, pos, key]; `keys` is a tensor [batch, head, key, size]. */
export function addedMask(node: FusedNode, writer: Writer, input: number, keys: string): string | undefined {
  if (!node.has(input)) return undefined;
  const rank = node.rank(input);
  const mask = writer.cast(node.name(input), INT64);
  const counts = rank === 1 ? within(writer, keys, mask) : writer.op('Greater', [mask, writer.integer(0)]);
  const filter = node.float('mask_filter_value', -10000);
  const added = writer.op('Where', [counts, writer.number(0, node.elemType), writer.number(filter, node.elemType)]);
  return writer.unsqueeze(added, rank === 3 ? [1] : [1, 2]);
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
