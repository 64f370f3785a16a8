/** Neurons that write alike: the cosine of their rows of W_out. */
import { CogscopeError } from '../../../shared/errors.ts';
import { outputRow, readOutputMap } from '../../analysis/outputMap.ts';
import type { Matrix } from '../../analysis/outputMap.ts';
import { topIndices } from '../../analysis/predictions.ts';
import type { IndexedModel, IndexPlan } from '../plan.ts';
import { LISTED, mostAlike } from './likeness.ts';
import type { Likeness } from './likeness.ts';

/** A string says why there are none. Throws 'cancelled' where the signal is. */
export async function similarByWeights({ model }: IndexedModel, { tower }: IndexPlan, layer: number, neuron: number, signal: AbortSignal): Promise<readonly Likeness[] | string> {
  const matrixOf = (index: number): Matrix | string => {
    const mlp = tower.blocks.find((block) => block.index === index)?.mlp;
    if (!mlp) return 'The layer has no MLP';
    const map = readOutputMap(model, mlp);
    return typeof map === 'string' ? map : map.matrix;
  };
  const own = matrixOf(layer);
  if (typeof own === 'string') return own;
  const row = outputRow({ matrix: own }, neuron);
  if (row.every((value) => value === 0)) return 'Its output weights are all 0';
  const found: Likeness[] = [];
  for (const { index } of tower.blocks) {
    // A matrix is read whole: what else is asked of the engine goes between two.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new CogscopeError('cancelled', 'Looking for similar neurons was stopped', 'Ask again');
    const matrix = index === layer ? own : matrixOf(index);
    if (typeof matrix === 'string') continue;
    const cosines = cosinesOf(matrix, row);
    if (index === layer) cosines[neuron] = -Infinity;
    found.push(...topIndices(cosines, LISTED).map((at) => ({ layer: index, neuron: at, similarity: cosines[at] ?? NaN })));
  }
  return mostAlike(found);
}

/** [neurons]: of each row with one of the same width; -Infinity where it has no direction. */
function cosinesOf({ data, rows, cols, transposed }: Matrix, row: Float32Array): Float32Array {
  const neurons = transposed ? cols : rows;
  const [dots, squares] = [new Float64Array(neurons), new Float64Array(neurons)];
  for (let outer = 0; outer < rows; outer++) {
    for (let inner = 0; inner < cols; inner++) {
      const value = data[outer * cols + inner] as number;
      const neuron = transposed ? inner : outer;
      dots[neuron] = (dots[neuron] as number) + value * (row[transposed ? outer : inner] as number);
      squares[neuron] = (squares[neuron] as number) + value * value;
    }
  }
  const length = Math.hypot(...row);
  return Float32Array.from(dots, (dot, neuron) => (squares[neuron] === 0 ? -Infinity : dot / (length * Math.sqrt(squares[neuron] as number))));
}
