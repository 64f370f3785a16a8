/**
 * A head of attention that pools: its query is learnt, so that it is the same for every input, and what it mixes is one state of its own (SigLIP's
 * way from patches to one vector). What stands behind is an MLP with its residual sum.
 */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import { isFloatType } from '../onnx/elementType.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { beforeSoftmax, readAnchor } from './anchor.ts';
import type { AttentionAnchor } from './anchor.ts';
import { Origin } from './origin.ts';
import { isProduct } from './projection.ts';
import { nodesBetween } from './walk.ts';

export interface Pooling {
  readonly anchor: AttentionAnchor;
  /** What the queries are made from: a learnt vector, stretched over the rows of a batch. */
  readonly probe: Value;
  /** With the probe as content, so that the head reads as attention to another stream. */
  readonly origin: Origin;
}

/** The attention between a stream's last state and the first one of what stands behind; undefined where it is none with a learnt query. */
export function readPooling(graph: Graph, last: Value, first: Value, types: TypeTable, origin: Origin): Pooling | undefined {
  const softmaxes = nodesBetween(last, first).filter(({ op }) => op === 'Softmax');
  const [softmax] = softmaxes;
  const queries = softmaxes.length === 1 && softmax ? learntQueries(softmax, origin) : undefined;
  if (!softmax || !queries) return undefined;
  // An exporter may slice the weights of queries, keys and values out of one, by the stream's width as a shape tells it.
  const isKnown = (value: Value): boolean => types.of(value).content?.every((size) => asNumber(size) !== undefined) ?? false;
  const probe = startOf(queries, types, new Origin(graph, [], isKnown));
  const within = new Origin(graph, [probe], isKnown);
  const anchor = readAnchor(softmax, types, within);
  return anchor && 'outputProduct' in anchor ? { anchor, probe, origin: within } : undefined;
}

/** The left operand of the one product that makes the scores, where only the right one is made from the inputs. */
function learntQueries(softmax: GraphNode, origin: Origin): Value | undefined {
  let value = softmax.inputs[0];
  while (value?.producer && beforeSoftmax.has(value.producer.op)) value = value.producer.inputs.find((input) => input !== undefined && origin.isContent(input));
  const product = value?.producer;
  const [queries, keys] = product && isProduct(product) ? product.inputs : [];
  return queries && keys && !origin.isContent(queries) && origin.isContent(keys) ? queries : undefined;
}

/** Back over projection and rearrangements to the learnt vector, as it stands in each row; in a file for a fixed number of rows what was computed when it was exported. */
function startOf(queries: Value, types: TypeTable, origin: Origin): Value {
  for (let value = queries; ;) {
    const before: readonly Value[] = (value.producer?.inputs ?? []).filter((input): input is Value => input !== undefined && !origin.isConstant(input) && isFloatType(types.of(input).elemType));
    const [input] = before;
    if (!input || before.length > 1) return value;
    value = input;
  }
}
