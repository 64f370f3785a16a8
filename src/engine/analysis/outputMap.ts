/** The learnt map from neurons, or from heads, back to the stream, read from the file. */
import type { Mlp } from '../anatomy/types.ts';
import { nodesBetween } from '../anatomy/walk.ts';
import { readConstant } from '../onnx/constantValue.ts';
import { learntMatrix } from '../onnx/learntMatrix.ts';
import type { IntegerMatrix } from '../onnx/learntMatrix.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { rounded, roundingOf } from './rounding.ts';

export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  /** Row-major. */
  readonly data: Float32Array;
  /** The file holds it as [cols, rows] (Gemm's transB). */
  readonly transposed: boolean;
}

export interface OutputMap {
  readonly matrix: Matrix;
  readonly bias: Float32Array | null;
  /** What is done to each sum behind the product, in order. */
  readonly after: readonly ((sum: number, column: number) => number)[];
  /** Set where the neurons are rounded by one scale before they are multiplied, as integers. */
  readonly integers: IntegerMatrix | undefined;
  /** The largest step of a rounding behind the product: a sum that lies between two codes may fall to either. */
  readonly step: number;
}

/** W_out (or W_O) and its bias, or why what the part adds to the stream is not simply their product and sum. */
export function readOutputMap(model: OnnxModel, { projection, out }: Pick<Mlp, 'projection' | 'out'>): OutputMap | string {
  const [product] = projection.outputs;
  const onWay = product ? nodesBetween(product, out.value) : [];
  const more = onWay.find((node) => !asMade.has(node.op));
  if (more) return `The output projection is followed by ${more.op}, such as a norm or a scale, before it is added to the stream`;
  const learnt = learntMatrix(model, projection);
  if (!learnt) return 'The output projection is not a matrix in the file that can be read';
  const { matrix: { dims, data }, transposed, bias } = learnt;
  const after: OutputMap['after'][number][] = [];
  let step = 0;
  for (const node of onWay) {
    const added = node.op === 'Add' ? node.inputs.map((input) => readConstant(model, input)).find((constant) => constant !== undefined) : undefined;
    const rounding = roundingOf(model, node);
    if (added) after.push((sum, column) => sum + (added.data[added.data.length === 1 ? 0 : column] ?? NaN));
    else if (rounding) after.push((sum) => rounded(sum, rounding));
    else if (node.parts || node.op === 'Add') return 'What is done to the output projection before it is added to the stream is not read';
    step = Math.max(step, rounding?.scale ?? 0);
  }
  return { matrix: { rows: dims[0] ?? 0, cols: dims[1] ?? 0, data, transposed }, bias: bias?.data ?? null, after, integers: learnt.integers, step };
}

/** What one unit of an input of the map (a neuron, a component of a head's z) writes: its row of W_out or W_O, [width]. */
export function outputRow({ matrix: { rows, cols, data, transposed } }: Pick<OutputMap, 'matrix'>, input: number): Float32Array {
  return transposed ? Float32Array.from({ length: rows }, (_, column) => data[column * cols + input] ?? NaN) : data.subarray(input * cols, (input + 1) * cols);
}

/** What may stand between the projection and the stream: its bias, rounding to few bits and back, and what changes no number. */
const asMade: ReadonlySet<string> = new Set(['Add', 'Reshape', 'Cast', 'Identity', 'Dropout', 'Squeeze', 'Unsqueeze']);
