/** Tables in the file whose contents tell what they are for. */
import type { Weight } from '../onnx/graph.ts';
import type { OnnxModel } from '../onnx/model.ts';

/** A mask for 2,048 positions; larger tables are not read, since opening a model must not depend on its size. */
const MAX_ELEMENTS = 1 << 22;

/** Whether a weight is small enough to be read while a model is opened, and can be. */
export function isSmall(model: OnnxModel, weight: Weight): boolean {
  const count = weight.dims.reduce((product, dim) => product * dim, 1);
  return count <= MAX_ELEMENTS && !model.problems.some((problem) => problem.weight === weight.name);
}
