import type { Value } from '../graph.ts';

const products: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'FusedMatMul', 'MatMulNBits']);

/** Whether a matrix product made it. */
export const isProduct = (value: Value | undefined): boolean => products.has(value?.producer?.op ?? '');
