/** The learnt map from neurons back to the stream, read from the file. */
import type { Mlp } from '../anatomy/types.ts';
import { intAttribute } from '../onnx/attributes.ts';
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { readFloats } from '../onnx/weights.ts';
import type { Matrix } from './checks.ts';

export interface OutputMap {
  readonly matrix: Matrix;
  readonly bias: Float32Array | null;
}

/** W_out and its bias; undefined where the projection is no plain float matrix. */
export function readOutputMap(model: OnnxModel, mlp: Mlp): OutputMap | undefined {
  const { projection } = mlp;
  const operand = projection.inputs[1];
  // Some exporters keep nn.Linear's [out, in] weight and transpose it when the model runs.
  const isTransposedAtRun = operand?.producer?.op === 'Transpose';
  const weight = (isTransposedAtRun ? operand.producer?.inputs[0] : operand)?.weight;
  if (!weight || weight.dims.length !== 2) return undefined;
  const { dims, data } = readFloats(model, weight);
  const transposed = isTransposedAtRun !== (projection.op === 'Gemm' && intAttribute(projection, 'transB') === 1);
  const gemmBias = projection.op === 'Gemm' ? projection.inputs[2] : undefined;
  const added = addedBias(projection);
  const bias = (gemmBias ?? added)?.weight;
  return { matrix: { rows: dims[0] ?? 0, cols: dims[1] ?? 0, data, transposed }, bias: bias ? readFloats(model, bias).data : null };
}

/** The weight that an Add right behind the projection adds. */
function addedBias(projection: GraphNode): Value | undefined {
  const add = projection.outputs[0]?.consumers.find((node) => node.op === 'Add');
  return add?.inputs.find((input) => input?.weight?.dims.length === 1);
}
