/** How an anatomy is cut into a chain: a stage a block, what further cuts there may be, the taps, and what may be done with them. */
import type { OnnxModel } from '../onnx/model.ts';
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import { intsAttribute } from '../onnx/attributes.ts';
import { declaredRows } from '../onnx/frozenBatch/declaredRows.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { placesOf } from '../anatomy/addresses.ts';
import { Origin } from '../anatomy/origin.ts';
import type { Anatomy, Tower } from '../anatomy/types.ts';
import { nodesBetween } from '../anatomy/walk.ts';
import { planStages } from './plan.ts';
import type { Plan } from './plan.ts';
import { Rewriter } from './rewrite.ts';
import { isWholeSlice } from './wholeSlice.ts';

export interface ChainShape {
  /** The residual states: before block 0, then after each half; tower after tower. */
  readonly cuts: readonly Value[];
  /** The cuts that every run has: before each block and behind the last. The others split a block while a run starts or edits there. */
  readonly blockCuts: readonly Value[];
  /** Tensors that can be asked for in every run, cuts included. */
  readonly taps: readonly Value[];
  readonly logits: Value | undefined;
  readonly rewriter: Rewriter;
  readonly constant: (value: Value) => boolean;
  /** Variants may share a batch: no scale spans them, and the file takes any number of rows. */
  readonly stackable: boolean;
  /** One scale spans rows and positions, so that these change each other's numbers. */
  readonly sharesScale: boolean;
  /** Whether content of the inputs, and not their shapes alone, flows into a value. */
  readonly content: (value: Value) => boolean;
  /** Of one tower whose attention looks back only, in every block and with its heads apart; null of others. */
  readonly lookingBack: LookingBack | null;
  /** The last stage works position by position, so that it may be run at chosen positions only. */
  readonly tailByPosition: boolean;
}

export interface LookingBack {
  /** By block: queries, keys and values, as they are projected; what attention makes of them. */
  readonly attention: readonly { readonly projected: readonly Value[]; readonly z: Value }[];
  /** The axis of positions, of states and of what attention makes. */
  readonly axes: ReadonlyMap<Value, number>;
  /** Names that the file gives to the number of rows and of positions. */
  readonly rows: string;
  readonly positions: string;
}

export function chainShape(model: OnnxModel, types: TypeTable, anatomy: Anatomy): ChainShape {
  const predicting = predictingTower(anatomy);
  const origin = new Origin(model.graph);
  const constant = origin.isConstant;
  const states = anatomy.towers.map(statesOf);
  const cuts = states.flat();
  const blockCuts = [...new Set(anatomy.towers.flatMap(({ blocks }) => blocks.flatMap((block) => [block.start.value, block.residPost.value])))];
  const taps = [...new Set(placesOf(anatomy).map((entry) => entry.place.value))].filter((value) => value.producer && !constant(value));
  const rewriter = new Rewriter(types, states);
  const logits = predicting?.logits?.value ?? anatomy.classes?.value ?? model.graph.outputs.find((output) => output.producer);
  const last = cuts.at(-1);
  const lookingBack = lookingBackOf(anatomy, types);
  const sharedScale = model.graph.nodes.some((node) => (node.parts ?? [node]).some((part) => sharesScale.has(part.op)));
  return {
    cuts, blockCuts, taps, logits, constant, rewriter, sharesScale: sharedScale,
    content: origin.isContent, lookingBack,
    stackable: !sharedScale && !model.graph.inputs.flatMap((input) => declaredRows(input.declared)).some((rows) => rows > 0),
    tailByPosition: !sharedScale && last !== undefined && logits !== undefined && predicting !== undefined && predicting === anatomy.towers.at(-1) && isTailByPosition(last, logits, { types, rewriter, constant }),
  };
}

/** The stages between these cuts, which can give the logits and every tap, and make what lies `within` them. */
export function planChain(graph: Graph, { logits, taps, rewriter, constant, lookingBack }: ChainShape, cuts: readonly Value[], within: readonly Value[]): Plan {
  const beside = lookingBack?.attention.map(({ projected }) => projected) ?? [];
  return planStages(graph, { cuts, beside, wanted: [...(logits ? [logits] : []), ...taps], within, rewriter, constant });
}

/** Operators with one scale for all rows and positions of a tensor, so that these change each other's numbers. */
const sharesScale: ReadonlySet<string> = new Set(['DynamicQuantizeLinear', 'DynamicQuantizeMatMul']);

/** The tower whose logits the model gives; undefined where it gives none. */
export const predictingTower = ({ towers }: Anatomy): Tower | undefined => towers.find((tower) => tower.logits !== null);

interface TailContext {
  readonly types: TypeTable;
  readonly rewriter: Rewriter;
  readonly constant: (value: Value) => boolean;
}

/** Each node treats a position alone, and reads nothing else that has positions: cut to one of them, the state would be stretched over it. */
function isTailByPosition(last: Value, logits: Value, { types, rewriter, constant }: TailContext): boolean {
  // Positions must be the second axis.
  if (types.of(last).shape?.length === 2) return false;
  const nodes = nodesBetween(last, logits);
  const made = new Set([last, ...nodes.flatMap((node) => node.outputs)]);
  return nodes.every((node) => {
    if (!rewriter.reads(node).every((input) => made.has(input) || constant(input))) return false;
    if (node.op === 'MatMul' && !node.inputs.some((input) => input && constant(input))) return false;
    return rewriter.isNoReshape(node) || byPosition(node, types);
  });
}

function lookingBackOf({ towers }: Anatomy, types: TypeTable): LookingBack | null {
  const [tower] = towers;
  if (!tower?.ids || !tower.causal || tower.logits === null || towers.length > 1) return null;
  const [rows, positions] = types.of(tower.ids).shape?.map((dim) => (dim?.coefficient === 1 && dim.symbols.length === 1 ? dim.symbols[0] : undefined)) ?? [];
  if (rows === undefined || positions === undefined || rows === positions) return null;
  const attention: { readonly projected: readonly Value[]; readonly z: Value }[] = [];
  const axes = new Map<Value, number>();
  for (const { residPre, residPost, attention: one, cross } of tower.blocks) {
    if (!residPre || !one?.causal || !one.q || !one.k || !one.v || cross || one.source) return null;
    attention.push({ projected: [one.q.value, one.k.value, one.v.value], z: one.z.value });
    for (const { value, layout } of [residPre, residPost, one.z]) axes.set(value, layout.findIndex((atoms) => atoms.includes('pos')));
  }
  return [...axes.values()].includes(-1) ? null : { attention, axes, rows, positions };
}

function statesOf(tower: Tower): readonly Value[] {
  const states = tower.blocks.flatMap((block) => [block.start.value, ...[block.residMid, block.residMidCross].flatMap((place) => place?.value ?? []), block.residPost.value]);
  return [...new Set(states)];
}

/** Operators that treat each position alone when their other operands are weights. */
const pointwise: ReadonlySet<string> = new Set([
  'Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sqrt', 'Reciprocal', 'Erf', 'Tanh', 'Sigmoid', 'Relu', 'Gelu', 'Cast', 'Identity', 'Dropout', 'MatMul',
  'LayerNormalization', 'SimplifiedLayerNormalization', 'RMSNormalization', 'Softmax', 'LogSoftmax', 'Neg', 'Abs', 'Where', 'Exp', 'Log', 'MatMulNBits',
]);

function byPosition(node: GraphNode, types: TypeTable): boolean {
  if (pointwise.has(node.op)) return true;
  // Means over the last axis, as norms written out have them.
  if (node.op === 'ReduceMean') return true;
  if (node.op === 'Slice') return isWholeSlice(node, types);
  return node.op === 'Transpose' && intsAttribute(node, 'perm') === undefined;
}
