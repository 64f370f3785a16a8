/** Matrix products that are fused with transposes, scales or nonlinearities. */
import type { FusedNode } from './fusedNode.ts';
import { firstOf } from './rule.ts';
import type { Rule } from './rule.ts';
import type { Writer } from './writer.ts';

export const fusedMatMul: Rule = {
  unable: (node) => firstOf(
    [node.int('transBatchA') === 1, 'its attribute transBatchA is set'],
    [node.int('transBatchB') === 1, 'its attribute transBatchB is set'],
    [node.int('transA') === 1 && node.rank(0) === undefined, 'the number of axes of its first operand is not known'],
    [node.int('transB') === 1 && node.rank(1) === undefined, 'the number of axes of its second operand is not known'],
  ),
  write: (node, writer) => {
    const product = writer.op('MatMul', [operand(node, writer, 0, 'transA'), operand(node, writer, 1, 'transB')]);
    const alpha = node.float('alpha', 1);
    return [alpha === 1 ? product : writer.op('Mul', [product, writer.number(alpha, node.elemType)])];
  },
};

/** With its last two axes exchanged where the attribute says so; a vector has nothing to exchange. */
function operand(node: FusedNode, writer: Writer, input: number, attribute: string): string {
  const rank = node.rank(input) ?? 0;
  if (node.int(attribute) !== 1 || rank < 2) return node.name(input);
  return writer.transpose(node.name(input), [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
}

/** Those without parameters of their own. */
const plainActivations: ReadonlySet<string> = new Set(['Relu', 'Tanh', 'Sigmoid']);

export const fusedGemm: Rule = {
  unable: (node) => firstOf([!plainActivations.has(node.text('activation', '')), `its attribute activation is "${node.text('activation', '')}"`]),
  write: (node, writer) => {
    const product = writer.op('Gemm', [node.name(0), node.name(1), node.maybe(2)], {
      alpha: { float: node.float('alpha', 1) }, beta: { float: node.float('beta', 1) }, transA: node.int('transA'), transB: node.int('transB'),
    });
    return [writer.op(node.text('activation', ''), [product])];
  },
};
