/** The learnt map from neurons back to the stream, read from the file. */
import type { Mlp } from '../anatomy/types.ts';
import { nodesBetween } from '../anatomy/walk.ts';
import { intAttribute } from '../onnx/attributes.ts';
import { BFLOAT16, FLOAT, FLOAT16 } from '../onnx/elementType.ts';
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { readFloats } from '../onnx/weights.ts';
import type { Matrix } from './checks.ts';

export interface OutputMap {
  readonly matrix: Matrix;
  readonly bias: Float32Array | null;
}

/** W_out and its bias, or why what the MLP adds to the stream is not simply their product and sum. */
export function readOutputMap(model: OnnxModel, mlp: Mlp): OutputMap | string {
  const { projection } = mlp;
  const [product] = projection.outputs;
  const more = product && nodesBetween(product, mlp.out.value).find((node) => !asMade.has(node.op));
  if (more) return `The output projection is followed by ${more.op}, such as a norm or a scale, before it is added to the stream`;
  const operand = projection.inputs[1];
  // Some exporters keep nn.Linear's [out, in] weight and transpose it when the model runs.
  const isTransposedAtRun = operand?.producer?.op === 'Transpose';
  const weight = (isTransposedAtRun ? operand.producer?.inputs[0] : operand)?.weight;
  if (!weight || weight.dims.length !== 2 || !readable.has(weight.dataType)) return 'The output projection is not a plain float matrix in the file';
  const { dims, data } = readFloats(model, weight);
  const transposed = isTransposedAtRun !== (projection.op === 'Gemm' && intAttribute(projection, 'transB') === 1);
  const gemmBias = projection.op === 'Gemm' ? projection.inputs[2] : undefined;
  const added = addedBias(projection);
  const bias = (gemmBias ?? added)?.weight;
  return { matrix: { rows: dims[0] ?? 0, cols: dims[1] ?? 0, data, transposed }, bias: bias ? readFloats(model, bias).data : null };
}

/** What may stand between the projection and the stream: its bias, and what changes no number. */
const asMade: ReadonlySet<string> = new Set(['Add', 'Reshape', 'Cast', 'Identity', 'Dropout', 'Squeeze', 'Unsqueeze']);
const readable: ReadonlySet<number> = new Set([FLOAT, FLOAT16, BFLOAT16]);

/** The weight that an Add right behind the projection adds. */
function addedBias(projection: GraphNode): Value | undefined {
  const add = projection.outputs[0]?.consumers.find((node) => node.op === 'Add');
  return add?.inputs.find((input) => input?.weight?.dims.length === 1);
}
