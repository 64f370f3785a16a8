import type { FusedNode } from './fusedNode.ts';
import type { Writer } from './writer.ts';

/** How a fused operator is written out. */
export interface Rule {
  /** Why this form of it is not, in words that go on from "it is one fused operator, and"; undefined where it is. */
  readonly unable: (node: FusedNode) => string | undefined;
  /** Writes it; the name of each result in the order of its outputs, undefined for those that are not made. */
  readonly write: (node: FusedNode, writer: Writer) => readonly (string | undefined)[];
}

/** The first condition that holds tells the reason. */
export function firstOf(...conditions: readonly (readonly [boolean, string])[]): string | undefined {
  return conditions.find(([holds]) => holds)?.[1];
}

export const always = (): undefined => undefined;
