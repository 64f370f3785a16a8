/** What attention to another stream reads: the tensor that keys and values are projected from. */
import type { Value } from '../onnx/graph.ts';
import type { Origin } from './origin.ts';
import { activationsOf, lastProjection } from './projection.ts';

/** Operators that an exporter may put before one of the projections and not before the other. */
const handingOn: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Dropout', 'Reshape', 'Transpose']);

/** Undefined where keys and values do not come from one tensor, each through one projection. */
export function sourceOf(keys: Value, values: Value, origin: Origin): Value | undefined {
  const [ofKeys, ofValues] = [keys, values].map((value) => projected(value, origin));
  return ofKeys === ofValues ? ofKeys : undefined;
}

function projected(value: Value, origin: Origin): Value | undefined {
  const projection = lastProjection(value, origin);
  let current = projection && activationsOf(projection, origin)[0];
  while (current?.producer && handingOn.has(current.producer.op) && current.producer.inputs[0]) current = current.producer.inputs[0];
  return current;
}
