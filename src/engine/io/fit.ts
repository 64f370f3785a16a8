/** An array from a file, as an input of the model wants it. */
import { CogscopeError } from '../../shared/errors.ts';
import type { Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { elementTypeName, makeTensor, toFloat32 } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';

/**
 * In the input's element type, where every value survives that, and with a batch axis of one where the file has none.
 * Throws 'usage' where type or shape do not fit.
 */
export function fitInput(input: Value, types: TypeTable, tensor: Tensor, where: string): Tensor {
  const { elemType, shape } = types.of(input);
  const dims = shape && tensor.dims.length === shape.length - 1 ? [1, ...tensor.dims] : tensor.dims;
  const isFitting = !shape || (dims.length === shape.length && shape.every((dim, axis) => !dim || dim.symbols.length > 0 || dim.coefficient === dims[axis]));
  if (!isFitting) {
    const wanted = shape.map((dim) => (dim && dim.symbols.length === 0 ? String(dim.coefficient) : dim?.symbols.join('*') ?? '?'));
    throw new CogscopeError('usage', `Input "${input.name}" takes [${wanted.join(', ')}] and the file has [${tensor.dims.join(', ')}]`, 'Give an array of that shape', where);
  }
  return { ...inType(input.name, elemType, tensor, where), dims };
}

function inType(name: string, elemType: number, tensor: Tensor, where: string): Tensor {
  const wanted = elementTypeName(elemType);
  if (elemType === 0 || wanted === tensor.type) return tensor;
  const values = Array.from(tensor.type === 'float16' ? toFloat32(tensor) : tensor.data, Number);
  const isFloat = wanted.startsWith('float');
  const made = isFloat || values.every(Number.isSafeInteger) ? makeTensor(elemType, tensor.dims, values) : undefined;
  if (!made || (!isFloat && values.some((value, index) => Number(made.data[index]) !== value))) {
    throw new CogscopeError('usage', `Input "${name}" takes ${wanted} and the file has ${tensor.type} values that are none`, `Convert the array to ${wanted}`, where);
  }
  return made;
}
