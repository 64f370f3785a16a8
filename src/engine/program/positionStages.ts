/**
 * Which stages of a plan treat each position alone: their rows may then be any positions of any variants, one behind the other. Between them lies attention, which
 * in a decoder looks back only, so that what an edit at a position leaves before it is the untouched run's.
 */
import { rowsAfter } from '../onnx/frozenBatch/rows.ts';
import type { Rows } from '../onnx/frozenBatch/rows.ts';
import type { GraphNode, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { Dim } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { ChainShape } from './chain.ts';
import type { Plan, Stage } from './plan.ts';
import { isWholeSlice } from './wholeSlice.ts';

export interface PositionStages {
  /** Indices of stages that treat each position alone. */
  readonly alone: ReadonlySet<number>;
  /** The axis of positions, in values that have one for certain. */
  readonly axes: ReadonlyMap<Value, number>;
}

/** Stands for the number of positions: no other size is likely to be the same, and one that is makes no proof, since axes are followed from value to value. */
const POSITIONS = 100_003;

/** `axes`: of the states, and of what attention makes. */
export function positionStages(plan: Plan, types: TypeTable, shape: ChainShape): PositionStages {
  const axes = new Map(shape.lookingBack?.axes ?? []);
  const alone = new Set<number>();
  for (const stage of plan.stages.slice(1)) {
    const made = axesIn(stage, { plan, types, shape, axes });
    if (!made) continue;
    alone.add(stage.index);
    for (const [value, axis] of made) axes.set(value, axis);
  }
  return { alone, axes };
}

interface Proof {
  readonly plan: Plan;
  readonly types: TypeTable;
  readonly shape: ChainShape;
  readonly axes: ReadonlyMap<Value, number>;
}

/** Of what a stage makes; undefined where a node is not proved to treat each position alone. */
function axesIn({ nodes }: Stage, proof: Proof): ReadonlyMap<Value, number> | undefined {
  const { shape: { constant } } = proof;
  const own = new Map<Value, number>();
  for (const node of nodes) {
    const outputs = node.outputs.filter((value) => value !== undefined);
    if (outputs.every(constant)) continue;
    const axis = axisAfter(node, proof, own);
    // What is known of a value by its place must be what follows from the nodes.
    if (axis === undefined || outputs.some((value) => (proof.axes.get(value) ?? axis) !== axis)) return undefined;
    for (const value of outputs) own.set(value, axis);
  }
  return own;
}

function axisAfter(node: GraphNode, { plan, types, shape, axes }: Proof, own: ReadonlyMap<Value, number>): number | undefined {
  const rows = node.inputs.map((value, index): Rows | undefined => {
    if (!value || shape.constant(value)) return 'none';
    const axis = own.get(value) ?? axes.get(value);
    if (axis !== undefined) return axis;
    // Made by stage 0 of the inputs' lengths, so that it is right for any rows.
    return index === 1 && takesShape.has(node.op) && plan.stageOf(value) === 0 && !shape.content(value) ? 'none' : undefined;
  });
  // A Reshape to the same shape does not read it, and a Slice may keep everything, as some exporters write before the unembedding.
  const isWhole = shape.rewriter.isNoReshape(node) || (node.op === 'Slice' && isWholeSlice(node, types));
  if (isWhole) return typeof rows[0] === 'number' ? rows[0] : undefined;
  if (rows.includes(undefined) || node.captured.length > 0) return undefined;
  const sizes = (value: Value | undefined): readonly number[] | undefined => value && numbersOf(types.of(value).shape, shape);
  const [shapes, out] = [node.inputs.map(sizes), sizes(node.outputs[0])];
  if (!out || shapes.some((one, index) => one === undefined && rows[index] !== 'none')) return undefined;
  const found = rowsAfter({
    node, opset: types.opset, count: POSITIONS, out, repeats: () => false, looksUpRows: false,
    shape: (index) => shapes[index] ?? [],
    rows: (index) => rows[index] ?? 'none',
    content: (index) => node.inputs[index] && numbersOf(types.of(node.inputs[index]).content, shape),
  });
  return typeof found === 'number' && found >= 0 && out[found] !== undefined && out[found] % POSITIONS === 0 ? found : undefined;
}

const takesShape: ReadonlySet<string> = new Set(['Reshape', 'Expand']);

/** Of one row with so many positions. */
function numbersOf(dims: readonly (Dim | undefined)[] | undefined, { lookingBack }: ChainShape): readonly number[] | undefined {
  const sizes = dims?.map((dim) => {
    const names = dim?.symbols.filter((name) => name !== lookingBack?.rows) ?? [];
    return names.every((name) => name === lookingBack?.positions) ? asNumber(dim && { coefficient: dim.coefficient * POSITIONS ** names.length, symbols: [] }) : undefined;
  });
  return sizes?.every((size) => size !== undefined) ? sizes : undefined;
}
