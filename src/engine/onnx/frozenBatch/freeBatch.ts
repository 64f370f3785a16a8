/**
 * A file that was exported for a fixed number of rows has it in its inputs and in the target shapes of its Reshapes. Where every
 * operator provably treats each row alone, these are opened, and the shapes of the changed graph are inferred again as the proof:
 * each is what it was, with the number of rows as a name. The run's own proof is the check of the chain against the untouched file.
 */
import { clone, create } from '@bufbuild/protobuf';
import { intAttribute } from '../attributes.ts';
import { buildGraph } from '../buildGraph.ts';
import { INT64 } from '../elementType.ts';
import type { Graph, GraphNode, Value, Weight } from '../graph.ts';
import { asNumber } from '../infer/dim.ts';
import type { Dim } from '../infer/dim.ts';
import { inferTypes } from '../infer/infer.ts';
import type { Shape, TypeTable } from '../infer/infer.ts';
import { AttributeProto_AttributeType, AttributeProtoSchema, GraphProtoSchema, TensorProtoSchema } from '../proto/onnx_pb.js';
import type { GraphProto, TensorProto, TypeProto, ValueInfoProto } from '../proto/onnx_pb.js';
import { declaredRows } from './declaredRows.ts';
import { oneRow, placesOfLookup } from './constantRows.ts';
import type { ReadBytes } from './constantRows.ts';
import { rowsAfter } from './rows.ts';
import type { Rows } from './rows.ts';

/** The name that the number of rows gets. */
const BATCH = 'batch';

export interface Freed {
  readonly graph: GraphProto;
  /** How many rows the file itself takes. */
  readonly rows: number;
}

/** Undefined where the number of rows is open already, or cannot be opened for certain. */
export function freeBatch(proto: GraphProto, weights: ReadonlyMap<string, Weight>, opset: ReadonlyMap<string, number>, read: ReadBytes): Freed | undefined {
  const count = frozenRows(proto.input.filter((input) => !weights.has(input.name)).map(({ type }) => type));
  if (count === undefined) return undefined;
  const graph = buildGraph(proto, weights);
  const types = inferTypes({ graph, opset });
  const changes: Change[] = [];
  const rows = placeRows(graph, types, count, read, changes);
  if (!rows) return undefined;
  const freed = rewritten(proto, { graph, types, rows, count }, changes);
  return freed && isProved(freed, weights, opset, { graph, types, rows, count }) ? { graph: freed, rows: count } : undefined;
}

/** The number of rows that all inputs of two axes and more agree on. */
function frozenRows(inputs: readonly (TypeProto | undefined)[]): number | undefined {
  const first = inputs.flatMap(declaredRows);
  const [count] = first;
  return count !== undefined && count > 0 && first.every((other) => other === count) ? count : undefined;
}

const numbersOf = (shape: Shape | undefined): readonly number[] | undefined => {
  const numbers = shape?.map(asNumber);
  return numbers?.every((size) => size !== undefined) ? numbers : undefined;
};

/** An input of a node that becomes another constant; `lookUp`: the node becomes a Gather along the second axis. */
interface Change {
  readonly node: GraphNode;
  readonly input: number;
  readonly tensor: TensorProto;
  readonly lookUp?: true;
}

function placeRows(graph: Graph, types: TypeTable, count: number, read: ReadBytes, changes: Change[]): ReadonlyMap<Value, Rows> | undefined {
  const rows = new Map<Value, Rows>(graph.inputs.map((input) => [input, (types.of(input).shape?.length ?? 0) >= 2 ? 0 : 'none']));
  for (const node of graph.nodes) {
    const of = (value: Value | undefined): Rows => (value && rows.get(value)) ?? 'none';
    const [output] = node.outputs;
    const isBatched = [...node.inputs, ...node.captured].some((value) => of(value) !== 'none');
    const shapes = node.inputs.map((input) => (input ? numbersOf(types.of(input).shape) : []));
    const out = output && numbersOf(types.of(output).shape);
    if (isBatched && (!out || shapes.some((shape) => shape === undefined))) return undefined;
    const change = (changed: GraphNode, input: number, tensor: TensorProto | undefined, lookUp?: true): boolean => {
      if (tensor) changes.push({ node: changed, input, tensor, ...(lookUp ? { lookUp } : {}) });
      return tensor !== undefined;
    };
    const name = (input: number): string => freeName(`${output?.name ?? ''}.${BATCH}.${input}`, graph);
    const found = isBatched ? rowsAfter({
      node, count, opset: types.opset, out: out ?? [],
      repeats: (index, axis) => {
        const { weight, producer } = node.inputs[index] ?? {};
        if (count === 1) return false;
        if (weight) return change(node, index, oneRow(name(index), weight, axis, count, read));
        // Rows of a table, looked up by the same indices for each row of the batch.
        const indices = producer?.op === 'Gather' && (intAttribute(producer, 'axis') ?? 0) === 0 ? producer.inputs[1]?.weight : undefined;
        return producer !== undefined && indices !== undefined && change(producer, 1, oneRow(name(index), indices, axis, count, read));
      },
      looksUpRows: node.op === 'GatherND' && of(node.inputs[0]) === 0 && shapes[0]?.length === 2 && change(node, 1, placesOfLookup(name(1), node, count, read), true),
      shape: (index) => shapes[index] ?? [],
      rows: (index) => of(node.inputs[index]),
      content: (index) => numbersOf(node.inputs[index] && types.of(node.inputs[index]).content),
    }) : 'none';
    if (found === undefined || (found !== 'none' && found < 0)) return undefined;
    for (const made of node.outputs) if (made) rows.set(made, found);
  }
  return rows;
}

function rewritten(proto: GraphProto, { graph, types, rows, count }: Before, changes: readonly Change[]): GraphProto | undefined {
  const freed = clone(GraphProtoSchema, proto);
  freed.valueInfo = [];
  const heldBy = new Map(freed.node.map((node) => [node.output[0], node]));
  for (const { node, input, tensor, lookUp } of changes) {
    const held = heldBy.get(node.proto.output[0]);
    if (!held) return undefined;
    freed.initializer.push(tensor);
    held.input[input] = tensor.name;
    if (!lookUp) continue;
    held.opType = 'Gather';
    held.attribute = [create(AttributeProtoSchema, { name: 'axis', type: AttributeProto_AttributeType.INT, i: 1n })];
  }
  for (const node of graph.nodes) {
    const [input, target] = node.inputs;
    const [output] = node.outputs;
    const axis = output && rows.get(output);
    if (!input || !target || !output || typeof axis !== 'number' || (node.op !== 'Reshape' && node.op !== 'Expand')) continue;
    const out = numbersOf(types.of(output).shape);
    const held = heldBy.get(output.name);
    if (!out || !held || (out[axis] ?? 0) % count !== 0) return undefined;
    // Expand leaves an axis as it is where it is asked for one.
    const wanted = out.map((size, at) => (at === axis ? (node.op === 'Reshape' ? -1 : 1) : size));
    if (node.op === 'Reshape' && wanted.includes(0)) return undefined;
    const vector = shapeVector(freeName(`${output.name}.${BATCH}`, graph), wanted);
    freed.initializer.push(vector);
    held.input[1] = vector.name;
  }
  for (const info of freed.input) if (graph.inputs.some((input) => input.name === info.name && rows.get(input) === 0)) open(info, 0);
  for (const info of freed.output) {
    const value = graph.byName.get(info.name);
    const axis = value && rows.get(value);
    if (typeof axis === 'number') open(info, axis);
  }
  return freed;
}

const freeName = (name: string, graph: Graph): string => (graph.byName.has(name) ? freeName(`${name}_`, graph) : name);

function open(info: ValueInfoProto, axis: number): void {
  const type = info.type?.value;
  const dim = type?.case === 'tensorType' ? type.value.shape?.dim[axis] : undefined;
  if (dim) dim.value = { case: 'dimParam', value: BATCH };
}

function shapeVector(name: string, values: readonly number[]): TensorProto {
  const data = BigInt64Array.from(values, BigInt);
  return create(TensorProtoSchema, { name, dataType: INT64, dims: [BigInt(values.length)], rawData: new Uint8Array(data.buffer) });
}

interface Before {
  readonly graph: Graph;
  readonly types: TypeTable;
  readonly rows: ReadonlyMap<Value, Rows>;
  readonly count: number;
}

/** Every shape of the changed graph is the one before, with the rows as a name. */
function isProved(freed: GraphProto, weights: ReadonlyMap<string, Weight>, opset: ReadonlyMap<string, number>, { graph, types, rows, count }: Before): boolean {
  const added = freed.initializer.filter((tensor) => !weights.has(tensor.name));
  const known = new Map<string, Weight>([...weights, ...added.map((tensor): [string, Weight] => [tensor.name, {
    name: tensor.name, dataType: tensor.dataType, dims: tensor.dims.map(Number), storage: { kind: 'inline', bytes: tensor.rawData },
  }])]);
  const after = buildGraph(freed, known);
  const inferred = inferTypes({ graph: after, opset });
  const values = (nodes: readonly GraphNode[]): readonly Value[] => nodes.flatMap((node) => node.outputs.filter((value) => value !== undefined));
  return values(graph.nodes).every((value) => {
    const place = rows.get(value) ?? 'none';
    const before = numbersOf(types.of(value).shape);
    const now = after.byName.get(value.name);
    const shape = now && inferred.of(now).shape;
    if (place === 'none') return true;
    return before !== undefined && shape?.length === before.length && shape.every((dim, axis) => isSame(dim, before[axis] ?? 0, axis === place ? count : 0));
  });
}

function isSame(dim: Dim | undefined, before: number, count: number): boolean {
  if (count === 0) return asNumber(dim) === before;
  return dim?.symbols.join() === BATCH && dim.coefficient === before / count;
}
