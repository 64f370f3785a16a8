/** Tensors as wide as the stream or the neurons: positions apart, or, as some exporters flatten them, batch and position in one. */
import type { Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Atom, Place } from './types.ts';

export function streamPlace(value: Value, types: TypeTable, last: Atom = 'dModel'): Place {
  return { value, layout: types.of(value).shape?.length === 2 ? [['batch', 'pos'], [last]] : [['batch'], ['pos'], [last]] };
}
