/** Attention in plain operators: heads apart, scores, softmax, values, heads joined. */
import type { Writer } from './writer.ts';

/** [batch, pos, heads · size] to [batch, head, pos, size]. */
export function splitHeads(writer: Writer, value: string, heads: number, size: number): string {
  return writer.transpose(writer.reshape(value, [0, 0, heads, size]), [0, 2, 1, 3]);
}

/** And back. */
export function joinHeads(writer: Writer, value: string, width: number): string {
  return writer.reshape(writer.transpose(value, [0, 2, 1, 3]), [0, 0, width]);
}

/** Each key or value head serves `times` heads of queries that follow each other. */
export function repeatHeads(writer: Writer, value: string, heads: { readonly kv: number; readonly q: number; readonly size: number }): string {
  if (heads.kv === heads.q) return value;
  const spread = writer.op('Expand', [writer.unsqueeze(value, [2]), writer.integers([1, 1, heads.q / heads.kv, 1, 1])]);
  return writer.reshape(spread, [0, heads.q, -1, heads.size]);
}

/** Behind those of a past, along the positions. */
export function afterPast(writer: Writer, past: string | undefined, value: string): string {
  return past === undefined ? value : writer.op('Concat', [past, value], { axis: 2 });
}

export interface Attending {
  /** [batch, head, pos, size] */
  readonly q: string;
  readonly k: string;
  readonly v: string;
  readonly scale: number;
  readonly elemType: number;
  /** 0: none. It comes before masks. */
  readonly softcap?: number;
  /** Added to the scores. */
  readonly added?: readonly (string | undefined)[];
  /** True where a key must not be seen. */
  readonly hidden?: readonly (string | undefined)[];
  /** A query that sees no key attends to nothing, instead of to all alike. */
  readonly emptyRows?: boolean;
}

export interface Attended {
  /** Scaled products of queries and keys. */
  readonly products: string;
  /** The same after the cap. */
  readonly capped: string;
  /** What enters the softmax. */
  readonly scores: string;
  readonly pattern: string;
  readonly z: string;
}

export function attend(writer: Writer, { q, k, v, scale, elemType, softcap = 0, added = [], hidden = [], emptyRows = false }: Attending): Attended {
  const product = writer.op('MatMul', [q, writer.transpose(k, [0, 1, 3, 2])]);
  const products = writer.op('Mul', [product, writer.number(scale, elemType)]);
  const capped = softcap > 0 ? cap(writer, products, writer.number(softcap, elemType)) : products;
  const isThere = (name: string | undefined): name is string => name !== undefined;
  const biased = added.filter(isThere).reduce((scores, bias) => writer.op('Add', [scores, bias]), capped);
  const scores = hidden.filter(isThere).reduce((seen, mask) => writer.op('Where', [mask, writer.lowest(elemType), seen]), biased);
  const softmax = writer.op('Softmax', [scores], { axis: -1 });
  const isOut = emptyRows ? writer.op('LessOrEqual', [scores, writer.lowest(elemType)]) : undefined;
  const pattern = isOut === undefined ? softmax : writer.op('Where', [isOut, writer.number(0, elemType), softmax]);
  return { products, capped, scores, pattern, z: writer.op('MatMul', [pattern, v]) };
}

const cap = (writer: Writer, value: string, limit: string): string => writer.op('Mul', [writer.op('Tanh', [writer.op('Div', [value, limit])]), limit]);
