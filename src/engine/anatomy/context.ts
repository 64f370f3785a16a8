/** The longest prompt: rows of the position table that positions take, or of the rotary tables that are sliced by length. */
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Embedding } from './embedding.ts';
import { firstPosition } from './firstPosition.ts';
import type { PositionContext } from './firstPosition.ts';
import type { Origin } from './origin.ts';
import type { Block } from './types.ts';
import { nodesBetween } from './walk.ts';

/** Null where it cannot be told. */
export function contextLength({ positions }: Embedding, blocks: readonly Block[], origin: Origin, asked: PositionContext): number | null {
  const { rows, start } = positions ?? { rows: null, start: null };
  if (rows === null) return rotaryRows(blocks, asked.types, origin);
  const first = start ? firstPosition(start, asked) : 0;
  return first === undefined ? null : rows - first;
}

function rotaryRows(blocks: readonly Block[], types: TypeTable, origin: Origin): number | null {
  const attention = blocks.find((block) => block.attention?.rotary)?.attention;
  const operand = attention?.scores.value;
  if (!attention?.q || !operand) return null;
  for (const node of nodesBetween(attention.q.value, operand)) {
    for (const input of node.inputs) {
      // The table itself, or a slice of it behind reshapes.
      for (let value = input; value && !origin.isContent(value); value = value.producer?.inputs[0]) {
        const rows = value.producer?.op === 'Slice' && value.producer.inputs[0] ? types.of(value.producer.inputs[0]) : undefined;
        const source = value.producer?.inputs[0];
        if (rows?.shape?.length === 2 && source && origin.isConstant(source)) return asNumber(rows.shape[0]) ?? null;
      }
    }
  }
  return null;
}
