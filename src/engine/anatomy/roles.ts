/** What each input is for, told by what it reaches: ids reach the token table, a mask the scores, positions a table or an angle. */
import { BOOL, INT32, INT64 } from '../onnx/elementType.ts';
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import type { InputRole } from '../../shared/summary.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Embedding, Lookup } from './embedding.ts';
import type { Origin } from './origin.ts';
import { isShapeOp, unalias } from './walk.ts';

const integers: ReadonlySet<number> = new Set([INT32, INT64]);

export interface RoleContext {
  readonly graph: Graph;
  readonly types: TypeTable;
  readonly origin: Origin;
  /** What the towers start from. */
  readonly embeddings: readonly Embedding[];
  /** What attention to another stream reads. */
  readonly sources: readonly Value[];
  /** What enters the softmaxes, or fused attention behind queries, keys and values. */
  readonly maskedScores: readonly Value[];
}

export function inputRoles(context: RoleContext): ReadonlyMap<Value, InputRole> {
  return new Map(context.graph.inputs.map((input) => [input, roleOf(input, context)]));
}

function roleOf(input: Value, { graph, types, origin, embeddings, sources, maskedScores }: RoleContext): InputRole {
  const { elemType, shape } = types.of(input);
  if (embeddings.some(({ tokens }) => looksUp(input, tokens))) return 'ids';
  if (embeddings.some((embedding) => looksUp(input, embedding.types))) return 'types';
  if (embeddings.some(({ others }) => others.some((lookup) => looksUp(input, lookup)))) return 'unknown';
  if (sources.includes(input)) return 'states';
  const isInteger = integers.has(elemType);
  if (isInteger && embeddings.some(({ positions }) => positions && reaches(input, [positions.value], turnsToFloat))) {
    // A mask may make the positions (cumulative sum); it then reaches the scores as well.
    return reachesScores(input, maskedScores) ? 'mask' : 'positions';
  }
  // Tables of cosines and sines are looked up by position too, outside the stream.
  if (isInteger && (reachesAngle(input) || turnsVectors(input, graph, origin))) return 'positions';
  if ((isInteger || elemType === BOOL) && reachesScores(input, maskedScores)) return 'mask';
  if (shape?.length === 3 && !isInteger && readers(input).some((node) => node.op === 'Conv')) return 'features';
  if (shape?.length === 4 && !isInteger) return isImage(input) ? 'pixels' : readers(input).some((node) => node.op === 'Concat') ? 'past' : 'unknown';
  if (shape?.length === 2 && !isInteger && reachesScores(input, maskedScores)) return 'mask';
  return 'unknown';
}

/** Nodes that read an input, behind casts and rounding. */
const readers = (value: Value): readonly GraphNode[] =>
  value.consumers.flatMap((node) => (node.outputs[0] && unalias(node.outputs[0]) === unalias(value) ? readers(node.outputs[0]) : [node]));

const looksUp = (input: Value, lookup: Lookup | undefined): boolean => lookup !== undefined && areIndices(input, lookup.indices);

function areIndices(input: Value, indices: Value | undefined): boolean {
  for (let value = indices; value; value = value.producer?.inputs[0]) {
    if (value === input) return true;
    if (value.producer && !['Cast', 'Identity', 'Reshape', 'Add', 'Clip', 'Where', 'Unsqueeze', 'Squeeze', 'Expand', 'Tile'].includes(value.producer.op)) return false;
  }
  return false;
}

/** As masks do, without becoming part of the stream: behind a product everything that goes into the model reaches the scores. */
export const reachesScores = (input: Value, scores: readonly Value[]): boolean => reaches(input, scores, turnsToFloat);

/** Pixels meet a convolution, or are dealt out in patches; a past of keys or values is joined to those of the prompt. */
function isImage(input: Value): boolean {
  return flowSome(input, (op) => op === 'Concat' || op === 'MatMul' || op === 'Softmax', (_, producer) => producer === 'Conv' || producer === 'Reshape');
}

const turnsToFloat = (op: string): boolean => ['MatMul', 'Gemm', 'Softmax', 'EmbedLayerNormalization'].includes(op);

/** Looks up a table of cosines or sines, by row or by element: what is found is multiplied with activations, not added to them. */
function turnsVectors(input: Value, graph: Graph, origin: Origin): boolean {
  const found = graph.nodes.filter((node) => (node.op === 'Gather' || node.op === 'GatherElements') && areIndices(input, node.inputs[1])).flatMap((node) => node.outputs[0] ?? []);
  const isTurn = (value: Value, op: string): boolean => op === 'Mul' && (value.producer?.inputs.every((factor) => factor !== undefined && !origin.isConstant(factor)) ?? false);
  return found.some((value) => flowSome(value, (op) => turnsToFloat(op) || op === 'Add' || op === 'LayerNormalization', isTurn));
}

const anglesEnd: ReadonlySet<string> = new Set(['Softmax', 'Gather', 'LessOrEqual', 'Less', 'Greater', 'GreaterOrEqual']);

/** Positions that turn queries and keys: their angle goes through a sine. */
function reachesAngle(input: Value): boolean {
  return flowSome(input, (op) => anglesEnd.has(op), (_, producer) => producer === 'Sin' || producer === 'Cos');
}

function reaches(input: Value, targets: readonly Value[], stop: (op: string) => boolean): boolean {
  const wanted = new Set(targets);
  return flowSome(input, (op) => op === 'Softmax' || stop(op), (value) => wanted.has(value));
}

/** Whether `found` holds for a value that `input` flows into without passing an operator for which `stop` holds. */
function flowSome(input: Value, stop: (op: string) => boolean, found: (value: Value, producer: string) => boolean): boolean {
  const seen = new Set<Value>();
  const stack: Value[] = [input];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (found(value, value.producer?.op ?? '')) return true;
    if (seen.has(value)) continue;
    seen.add(value);
    for (const node of value.consumers) {
      if (stop(node.op) || isShapeOp(node)) continue;
      for (const output of node.outputs) if (output) stack.push(output);
    }
  }
  return false;
}
