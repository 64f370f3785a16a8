/** What an Einsum says of two operands. */
import { stringAttribute } from './attributes.ts';
import type { GraphNode } from './graph.ts';

export interface Equation {
  /** A letter for each axis. */
  readonly inputs: readonly [string, string];
  readonly output: string;
}

/** Of two operands, with the result written out and no letter twice in one tensor; undefined for any other. */
export function equation(node: GraphNode): Equation | undefined {
  const text = node.op === 'Einsum' ? stringAttribute(node, 'equation')?.replaceAll(' ', '') : undefined;
  const parts = text && /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/.exec(text);
  if (!parts) return undefined;
  const [left, right, output] = parts.slice(1) as [string, string, string];
  return [left, right, output].every((letters) => new Set(letters).size === letters.length) ? { inputs: [left, right], output } : undefined;
}
