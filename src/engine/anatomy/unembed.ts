/** What comes after the last block: final norm, unembedding, logits. */
import type { Graph, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Origin } from './origin.ts';
import { activationsOf, isActivationProduct, lastProjection } from './projection.ts';
import type { Place } from './types.ts';
import { dominator, isShapeOp, nodesBetween, producerIndex } from './walk.ts';

export interface Unembed {
  readonly logits: Place;
  readonly vocab: number | null;
  /** What the unembedding multiplies. */
  readonly normalized: Place | null;
}

/**
 * The output that scores the vocabulary at every position: it comes from the last state through a projection and nothing that
 * is more than a bias, a scale or a cap, and its last axis is as long as the token table. A string where an output would be it but
 * for one thing.
 */
export function readUnembed(graph: Graph, last: Value, vocab: number | null, types: TypeTable, origin: Origin): Unembed | string | undefined {
  if (vocab === null) return undefined;
  let almost: string | undefined;
  for (const output of graph.outputs) {
    const projection = origin.isContent(output) ? lastProjection(output, origin) : undefined;
    const input = projection && activationsOf(projection, origin)[0];
    if (!projection || !input || !comesFrom(input, last, origin)) continue;
    const shape = types.of(output).shape;
    const width = asNumber(shape?.at(-1)) ?? null;
    if (shape && shape.length !== 3) continue;
    if (width !== null && Math.abs(width - vocab) > vocab * TABLE_TOLERANCE) continue;
    const product = projection.outputs[0];
    if (product && nodesBetween(product, output).some((node) => node.op === 'Softmax')) {
      almost = 'The output holds probabilities, not logits';
    } else if (asNumber(shape?.[1]) !== undefined && asNumber(types.of(last).shape?.[1]) === undefined) {
      almost = `The output has logits for ${asNumber(shape?.[1]) === 1 ? 'one position' : `${asNumber(shape?.[1])} positions`} only, not for all of them`;
    } else {
      return {
        logits: { value: output, layout: [['batch'], ['pos'], ['vocab']] },
        vocab: width ?? vocab,
        normalized: { value: behindSlices(input, origin), layout: [['batch'], ['pos'], ['dModel']] },
      };
    }
  }
  return almost;
}

/** Tables may be padded to a round number of rows. */
const TABLE_TOLERANCE = 0.02;

/** Whether a value is made from the last state position by position, through norms and projections, and not by attending to it. */
function comesFrom(value: Value, last: Value, origin: Origin): boolean {
  const floor = producerIndex(last);
  const seen = new Set<Value>();
  const stack: Value[] = [value];
  for (let current = stack.pop(); current; current = stack.pop()) {
    if (current === last) return true;
    const { producer }: Value = current;
    if (!producer || producer.index <= floor || seen.has(current) || isActivationProduct(producer, origin) || isShapeOp(producer)) continue;
    seen.add(current);
    for (const input of producer.inputs) if (input) stack.push(input);
  }
  return false;
}

/** Behind slices that keep every position (`hidden[:, slice(None), :]`), as some exporters write them. */
function behindSlices(value: Value, origin: Origin): Value {
  let current = value;
  while (current.producer && ['Slice', 'Cast', 'Identity'].includes(current.producer.op)) {
    const before = dominator(current, origin.isContent, () => false);
    if (!before) break;
    current = before;
  }
  return current;
}
