/** Inputs of a run, filled by their role where nobody gives them. */
import type { OnnxModel } from '../onnx/model.ts';
import type { Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { FilledInput } from '../../shared/protocol/engineApi.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { InputRole } from '../../shared/summary.ts';
import { fillings } from '../anatomy/summary.ts';
import type { Anatomy } from '../anatomy/types.ts';
import { elementTypeName, makeTensor } from '../ort/tensor.ts';
import type { Tensor, TensorData } from '../ort/tensor.ts';

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
  cache: null,
  pixels: null,
  features: null,
  states: null,
  unknown: null,
};

/** Ids of one prompt row of each tower that takes them, by the tower's name. */
export type TowerIds = ReadonlyMap<string, readonly number[]>;

/**
 * Tensors of a run: ids of one prompt row, the rest from `ready` (whole tensors, by name), from `given` (one row's values, by name)
 * or by role. Ids in `ready` say themselves how many rows there are; `ids` are then the first of them, for their length.
 * Throws 'usage' where an input has no filling, naming it and its shape.
 */
export function prepareInputs(
  model: OnnxModel, types: TypeTable, anatomy: Anatomy, ids: TowerIds,
  given: Readonly<Record<string, readonly number[]>>, ready: ReadonlyMap<string, Tensor> = new Map(),
  inputs: readonly Value[] = model.graph.inputs,
): PreparedInputs {
  const { roles } = anatomy;
  const tensors = new Map<Value, Tensor>();
  const filled: FilledInput[] = [];
  const batch = rowsOf(model, roles, ready);
  for (const input of inputs) {
    const tensor = ready.get(input.name);
    if (isOfOther(model, input, tensor?.data ?? given[input.name])) throw ofOther(input);
    if (tensor) {
      tensors.set(input, tensor);
      continue;
    }
    const role = roles.get(input) ?? 'unknown';
    const own = given[input.name];
    const tower = towerOf(input, anatomy);
    const tokens = tower === undefined ? undefined : ids.get(tower);
    const length = tokens?.length ?? givenPositions(model, roles, ready);
    const values = role === 'ids' ? tokens : own ?? (role === 'cache' ? [Number(model.cacheSwitch?.value)] : filling(role, length));
    if (!values) throw missing(input, role, types);
    const dims = inputDims(input, types, role, length ?? values.length, values.length, batch);
    if (role === 'past' && !own && dims.every((dim) => dim > 0)) {
      throw new CogscopeError('refused', `Input "${input.name}" is a past of fixed length, which cannot be left empty`, `Give it with --input ${input.name}=FILE, or export the model with a dynamic past`);
    }
    const repeated = dims.length === 1 ? values : Array.from({ length: batch }, () => values).flat();
    tensors.set(input, makeTensor(types.of(input).elemType, dims, repeated));
    if (role !== 'ids') {
      filled.push({
        name: input.name, role, filledWith: own ? 'your values' : fillings[role] ?? '',
        values: values.slice(0, 64), changeable: role !== 'past' && role !== 'cache',
      });
    }
  }
  return { tensors, filled };
}

/** Undefined where the role has no filling, or nobody says how many positions there are. */
const filling = (role: InputRole, length: number | undefined): readonly number[] | undefined => (length === undefined && role !== 'past' ? undefined : rows[role]?.(length ?? 0));

/** Values that only the other model of a merged file would read. */
function isOfOther({ cacheSwitch }: OnnxModel, input: Value, given: TensorData | readonly number[] | undefined): boolean {
  if (!cacheSwitch || !given) return false;
  if (input.name === cacheSwitch.input) return Array.from<number | bigint>(given).some((value) => Boolean(value) !== cacheSwitch.value);
  return input.consumers.length === 0 && cacheSwitch.pasts.has(input.name);
}

const ofOther = (input: Value): CogscopeError => new CogscopeError(
  'usage', `Input "${input.name}" is for continuing from a past, and a run starts without one`, 'Leave it out, and give all tokens');

/** The tower that an input belongs to; "" where no towers were found; undefined where it masks what another input gives. */
export function towerOf(input: Value, { towers, owners }: Anatomy): string | undefined {
  return owners.get(input)?.name ?? (towers.length === 0 ? '' : undefined);
}

/** Inputs that say how many rows there are, and those whose positions no prompt counts. */
const leading: ReadonlySet<InputRole> = new Set(['ids', 'pixels', 'features', 'states']);

/** Rows of the batch: those of ids, sound, pictures or states that are given whole, else one. */
function rowsOf(model: OnnxModel, roles: ReadonlyMap<Value, InputRole>, ready: ReadonlyMap<string, Tensor>): number {
  const counts = model.graph.inputs.flatMap((input) => {
    const tensor = leading.has(roles.get(input) ?? 'unknown') ? ready.get(input.name) : undefined;
    return tensor && tensor.dims.length > 1 ? [tensor.dims[0] ?? 1] : [];
  });
  return Math.max(1, ...counts);
}

/** Positions of the states that an input gives: a mask of them has a value for each. */
function givenPositions(model: OnnxModel, roles: ReadonlyMap<Value, InputRole>, ready: ReadonlyMap<string, Tensor>): number | undefined {
  const states = model.graph.inputs.find((input) => roles.get(input) === 'states');
  return states && ready.get(states.name)?.dims[1];
}

/** [rows, length] in most cases; a past has its file's axes with the position axis empty. */
function inputDims(input: Value, types: TypeTable, role: InputRole, length: number, count: number, batch: number): readonly number[] {
  const shape = types.of(input).shape;
  if (role === 'past') {
    const fixed = (shape ?? []).map((dim) => (dim && dim.symbols.length === 0 ? dim.coefficient : undefined));
    return fixed.map((dim, axis) => dim ?? (axis === 0 ? batch : 0));
  }
  if (shape?.length === 1) return [count];
  if (count !== length && role !== 'unknown') {
    throw new CogscopeError('usage', `Input "${input.name}" has ${count} values for ${length} tokens`, 'Give one value a token');
  }
  return [batch, count];
}

const unfilled: Readonly<Partial<Record<InputRole, string>>> = {
  ids: ', and its tower has no prompt',
  pixels: ', and an image cannot be made up',
  features: ', and sound cannot be made up',
  states: ', and states to attend to cannot be made up',
};

function missing(input: Value, role: InputRole, types: TypeTable): CogscopeError {
  const shape = (types.of(input).shape ?? []).map((dim) => (dim ? [...(dim.coefficient === 1 && dim.symbols.length > 0 ? [] : [dim.coefficient]), ...dim.symbols].join('·') : '?'));
  return new CogscopeError(
    'usage', `Input "${input.name}" (${elementTypeName(types.of(input).elemType)} [${shape.join(', ')}]) has no value${unfilled[role] ?? ' and Cogscope does not know what it is for'}`,
    role === 'pixels' ? `Give it with --image FILE, or --input ${input.name}=FILE` : `Give it with --input ${input.name}=FILE`, model(input));
}

const model = (input: Value): string => `input ${input.inputIndex + 1}`;
