/** Nonlinearities of ONNX Runtime that the standard set lacks, or that are fused with a bias. */
import { always } from './rule.ts';
import type { Rule } from './rule.ts';
import type { Writer } from './writer.ts';

/** x/2 · (1 + erf(x/√2)) */
function gelu(writer: Writer, x: string, elemType: number): string {
  const n = (value: number): string => writer.number(value, elemType);
  const erf = writer.op('Erf', [writer.op('Div', [x, n(Math.SQRT2)])]);
  return writer.op('Mul', [writer.op('Mul', [x, writer.op('Add', [erf, n(1)])]), n(0.5)]);
}

/** x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) */
function tanhGelu(writer: Writer, x: string, elemType: number): string {
  const n = (value: number): string => writer.number(value, elemType);
  const cubed = writer.op('Mul', [writer.op('Mul', [x, x]), x]);
  const inner = writer.op('Add', [x, writer.op('Mul', [cubed, n(0.044715)])]);
  const tanh = writer.op('Tanh', [writer.op('Mul', [inner, n(Math.sqrt(2 / Math.PI))])]);
  return writer.op('Mul', [writer.op('Mul', [x, writer.op('Add', [tanh, n(1)])]), n(0.5)]);
}

export const erfGelu: Rule = { unable: always, write: (node, writer) => [gelu(writer, node.name(0), node.elemType)] };

export const biasGelu: Rule = {
  unable: always,
  write: (node, writer) => [gelu(writer, writer.op('Add', [node.name(0), node.name(1)]), node.elemType)],
};

export const fastGelu: Rule = {
  unable: always,
  write: (node, writer) => {
    const bias = node.maybe(1);
    return [tanhGelu(writer, bias === undefined ? node.name(0) : writer.op('Add', [node.name(0), bias]), node.elemType)];
  },
};

/** x · sigmoid(αx); with α = 1 this is SiLU. */
export const quickGelu: Rule = {
  unable: always,
  write: (node, writer) => {
    const x = node.name(0);
    const alpha = node.float('alpha', 1.702);
    const scaled = alpha === 1 ? x : writer.op('Mul', [x, writer.number(alpha, node.elemType)]);
    return [writer.op('Mul', [x, writer.op('Sigmoid', [scaled])])];
  },
};
