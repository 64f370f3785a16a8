/** What comes after the last block: final norm, unembedding, logits. */
import type { Graph, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Origin } from './origin.ts';
import { activationsOf, lastProjection } from './projection.ts';
import type { Place } from './types.ts';
import { dominator } from './walk.ts';

export interface Unembed {
  readonly logits: Place;
  readonly vocab: number | null;
  /** What the unembedding multiplies. */
  readonly normalized: Place | null;
}

/**
 * The output that scores the vocabulary: it comes from the last state through a projection, and its last axis is as
 * long as the token table, or as long as that projection is wide where the table is not known.
 */
export function readUnembed(graph: Graph, carries: (value: Value) => boolean, vocab: number | null, types: TypeTable, origin: Origin): Unembed | undefined {
  for (const output of graph.outputs) {
    if (!carries(output)) continue;
    const projection = lastProjection(output, origin);
    if (!projection) continue;
    const shape = types.of(output).shape;
    const width = asNumber(shape?.at(-1)) ?? null;
    if (shape && shape.length !== 3) continue;
    if (vocab !== null && width !== null && (width < vocab * 0.5 || width > vocab * 2)) continue;
    const input = activationsOf(projection, origin)[0];
    const source = input && behindSlices(input, origin);
    return {
      logits: { value: output, layout: [['batch'], ['pos'], ['vocab']] },
      vocab: width ?? vocab,
      normalized: source ? { value: source, layout: [['batch'], ['pos'], ['dModel']] } : null,
    };
  }
  return undefined;
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
