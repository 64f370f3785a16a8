/** The learnt map from neurons back to the stream, read from the file. */
import type { Mlp } from '../anatomy/types.ts';
import { attributeInt } from '../onnx/attributes.ts';
import type { Value } from '../onnx/graph.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { readWeight } from '../onnx/weights.ts';
import type { Matrix } from './checks.ts';

export interface OutputMap {
  readonly matrix: Matrix;
  readonly bias: Float32Array | null;
}
