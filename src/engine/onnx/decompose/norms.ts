/** Norms that are fused with the residual sum or the embeddings before them. */
import { isProduct } from './origins.ts';
import { INT32 } from '../elementType.ts';
import type { FusedNode } from './fusedNode.ts';
import { always, firstOf } from './rule.ts';
import type { Rule } from './rule.ts';
import type { Writer } from './writer.ts';

/** Sum, then norm; the sum is the fourth output. */
export const skipLayerNorm: Rule = {
  unable: always,
  write: (node, writer) => {
    const sum = skipSum(node, writer, 4);
    return [layerNorm(writer, sum, node.name(2), node.maybe(3), node.float('epsilon', 1e-12)), undefined, undefined, sum];
  },
};

export const skipRmsNorm: Rule = {
  unable: always,
  write: (node, writer) => {
    const sum = skipSum(node, writer, 3);
    return [rmsNorm(writer, sum, node.name(2), node.float('epsilon', 1e-12)), undefined, undefined, sum];
  },
};

/** A bias belongs to the projection that it was fused from, so that what the branch adds is a tensor. */
function skipSum(node: FusedNode, writer: Writer, biasAt: number): string {
  const terms = [node.name(0), node.name(1)];
  const bias = node.maybe(biasAt);
  if (bias === undefined) return writer.op('Add', terms);
  const branch = isProduct(node.node.inputs[1]) ? 1 : 0;
  terms[branch] = writer.op('Add', [terms[branch], bias]);
  return writer.op('Add', terms);
}

export function layerNorm(writer: Writer, value: string, scale: string, bias: string | undefined, epsilon: number): string {
  return writer.op('LayerNormalization', [value, scale, bias], { axis: -1, epsilon: { float: epsilon } });
}

export function rmsNorm(writer: Writer, value: string, scale: string, epsilon: number): string {
  return writer.op('SimplifiedLayerNormalization', [value, scale], { axis: -1, epsilon: { float: epsilon } });
}

/** Sum of the embeddings, then layer norm; the second output counts the tokens that are no padding. */
export const embedLayerNorm: Rule = {
  unable: (node) => firstOf(
    [node.rank(0) !== 2, 'its token ids are not known to have two axes'],
    [node.has(8) && node.rank(8) !== 2, 'its position ids are not known to have two axes'],
  ),
  write: (node, writer) => {
    const ids = node.name(0);
    const positions = node.maybe(8) ?? writer.range(writer.integer(0), writer.size(ids, 1));
    const parts = [writer.op('Gather', [node.name(2), ids]), writer.op('Gather', [node.name(3), positions])];
    if (node.has(1) && node.has(4)) parts.push(writer.op('Gather', [node.name(4), node.name(1)]));
    const sum = parts.reduce((left, right) => writer.op('Add', [left, right]));
    const normed = layerNorm(writer, sum, node.name(5), node.name(6), node.float('epsilon', 1e-12));
    const kept = node.wants(1) ? tokenCount(node, writer) : undefined;
    return [normed, kept, sum];
  },
};

function tokenCount(node: FusedNode, writer: Writer): string {
  const mask = node.maybe(7);
  if (mask !== undefined) return writer.cast(writer.sum(mask, 1), INT32);
  const rows = writer.unsqueeze(writer.size(node.name(0), 0), [0]);
  return writer.cast(writer.op('ConstantOfShape', [rows]), INT32);
}
