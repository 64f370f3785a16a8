/** The output that scores classes, [batch, class], of a classifier. */
import type { Graph, Value } from '../onnx/graph.ts';
import { FLOAT, FLOAT16 } from '../onnx/elementType.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Origin } from './origin.ts';
import { isProjection } from './projection.ts';
import type { Place } from './types.ts';

/** What may stand between the last projections and scores: means of two heads, means over an image, reshapes. */
const behindProjection: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Cast', 'Identity', 'Reshape', 'Squeeze', 'Flatten', 'GlobalAveragePool', 'AveragePool', 'ReduceMean']);

/** The one output of two axes that comes from projections and nothing that bends their values; undefined where none or several do. */
export function readClasses(graph: Graph, types: TypeTable, origin: Origin): Place | undefined {
  const found = graph.outputs.filter((output) => {
    const { elemType, shape } = types.of(output);
    return shape?.length === 2 && (elemType === FLOAT || elemType === FLOAT16) && origin.isContent(output) && isScore(output, origin);
  });
  const [output] = found;
  return output && found.length === 1 ? { value: output, layout: [['batch'], ['class']] } : undefined;
}

function isScore(output: Value, origin: Origin): boolean {
  const seen = new Set<Value>();
  const stack: Value[] = [output];
  for (let value = stack.pop(); value; value = stack.pop()) {
    const { producer }: Value = value;
    if (seen.has(value)) continue;
    seen.add(value);
    if (!producer) return false;
    if (isProjection(producer, origin) || producer.op === 'Conv') continue;
    if (!behindProjection.has(producer.op)) return false;
    for (const input of producer.inputs) if (input && origin.isContent(input)) stack.push(input);
  }
  return true;
}
