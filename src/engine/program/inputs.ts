/** Inputs of a run, filled by their role where nobody gives them. */
import type { OnnxModel } from '../onnx/model.ts';
import type { Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { FilledInput } from '../../shared/protocol/engineApi.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { InputRole } from '../../shared/summary.ts';
import { fillings } from '../anatomy/summary.ts';
import { elementTypeName, makeTensor } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';

export interface PreparedInputs {
  readonly tensors: ReadonlyMap<Value, Tensor>;
  readonly filled: readonly FilledInput[];
}

/** Flat values for one row, by role. */
const rows: Readonly<Record<InputRole, ((length: number) => readonly number[]) | null>> = {
  ids: null,
  mask: (length) => Array.from({ length }, () => 1),
  positions: (length) => Array.from({ length }, (_, index) => index),
  types: (length) => Array.from({ length }, () => 0),
  past: () => [],
  pixels: null,
  unknown: null,
};

/**
 * Tensors for one prompt row: ids from the prompt, the rest from `given` (by name) or by role.
 * Throws 'usage' where an input has no filling, naming it and its shape.
 */
export function prepareInputs(
  model: OnnxModel, types: TypeTable, roles: ReadonlyMap<Value, InputRole>, ids: readonly number[],
  given: Readonly<Record<string, readonly number[]>>, ready: ReadonlyMap<string, Tensor> = new Map(),
): PreparedInputs {
  const tensors = new Map<Value, Tensor>();
  const filled: FilledInput[] = [];
  for (const input of model.graph.inputs) {
    const tensor = ready.get(input.name);
    if (tensor) {
      tensors.set(input, tensor);
      continue;
    }
    const role = roles.get(input) ?? 'unknown';
    const own = given[input.name];
    const values = role === 'ids' ? ids : own ?? rows[role]?.(ids.length);
    if (!values) throw missing(input, types);
    const dims = inputDims(input, types, role, ids.length, values.length);
    tensors.set(input, makeTensor(types.of(input).elemType, dims, values));
    if (role !== 'ids') {
      filled.push({
        name: input.name, role, filledWith: own ? 'your values' : fillings[role] ?? '',
        values: values.slice(0, 64), changeable: role !== 'past',
      });
    }
  }
  return { tensors, filled };
}

/** [1, length] in most cases; a past has its file's axes with the position axis empty. */
function inputDims(input: Value, types: TypeTable, role: InputRole, length: number, count: number): readonly number[] {
  const shape = types.of(input).shape;
  if (role === 'past') {
    const fixed = (shape ?? []).map((dim) => (dim && dim.symbols.length === 0 ? dim.coefficient : undefined));
    return fixed.map((dim, axis) => dim ?? (axis === 0 ? 1 : 0));
  }
  if (shape?.length === 1) return [count];
  if (count !== length && role !== 'unknown') {
    throw new CogscopeError('usage', `Input "${input.name}" has ${count} values for ${length} tokens`, 'Give one value a token');
  }
  return [1, count];
}

function missing(input: Value, types: TypeTable): CogscopeError {
  const shape = (types.of(input).shape ?? []).map((dim) => (dim ? [...(dim.coefficient === 1 && dim.symbols.length > 0 ? [] : [dim.coefficient]), ...dim.symbols].join('·') : '?'));
  return new CogscopeError(
    'usage', `Input "${input.name}" (${elementTypeName(types.of(input).elemType)} [${shape.join(', ')}]) has no value and Cogscope does not know what it is for`,
    `Give it with --input ${input.name}=FILE`, model(input));
}

const model = (input: Value): string => `input ${input.inputIndex + 1}`;
