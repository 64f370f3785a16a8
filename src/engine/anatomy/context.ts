/** The longest prompt: rows of the position table, or of the rotary tables that are sliced by length. */
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Embedding } from './embedding.ts';
import type { Origin } from './origin.ts';
import type { Block } from './types.ts';
import { nodesBetween } from './walk.ts';

export function contextLength(embedding: Embedding, blocks: readonly Block[], types: TypeTable, origin: Origin): number | null {
  return embedding.positions?.rows ?? rotaryRows(blocks, types, origin);
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
