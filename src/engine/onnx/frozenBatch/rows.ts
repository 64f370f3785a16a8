/**
 * Where the rows of a batch lie in a value, operator by operator: the axis that holds them outermost, or 'none' where the value is
 * the same for every row. A rule gives undefined where it cannot be proved that an operator treats each row alone.
 */
import { intAttribute, intsAttribute } from '../attributes.ts';
import type { GraphNode } from '../graph.ts';

export type Rows = number | 'none';

export interface RowContext {
  readonly node: GraphNode;
  readonly opset: number;
  /** In the file as it is: every size is a number. */
  readonly shape: (input: number) => readonly number[];
  readonly out: readonly number[];
  readonly rows: (input: number) => Rows;
  /** How many rows the file has. */
  readonly count: number;
  /** Whether a constant holds the same along an axis for each row, so that one row of it may stand for all. */
  readonly repeats: (input: number, axis: number) => boolean;
  /** Whether a lookup of [row, place] with constant indices finds the same places in each row, so that it may look them up in all. */
  readonly looksUpRows: boolean;
  /** Elements of a small integer constant. */
  readonly content: (input: number) => readonly number[] | undefined;
}

type RowRule = (context: RowContext) => Rows | undefined;

const inputs = ({ node }: RowContext): readonly number[] => node.inputs.flatMap((input, index) => (input ? [index] : []));
const onlyFirst = (context: RowContext): boolean => inputs(context).every((index) => index === 0 || context.rows(index) === 'none');
const fromEnd = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Operands are lined up by their last axes; one without rows must not have several of its own where the others have theirs. */
function lineUp(context: RowContext, which: readonly number[], reserved = 0): Rows | undefined {
  const places = new Set(which.flatMap((index) => {
    const rows = context.rows(index);
    return rows === 'none' ? [] : [context.shape(index).length - rows];
  }));
  const [place] = places;
  if (place === undefined || places.size > 1 || place <= reserved) return undefined;
  const axis = context.out.length - place;
  const fits = which.every((index) => {
    const size = context.shape(index).at(-place);
    if (context.rows(index) !== 'none') return size === context.out[axis];
    return size === undefined || size === 1 || context.repeats(index, context.shape(index).length - place);
  });
  return fits ? axis : undefined;
}

const elementwise: RowRule = (context) => lineUp(context, inputs(context));

const matMul: RowRule = (context) => {
  const [left, right] = [context.rows(0), context.rows(1)];
  // A matrix of rows times one that is the same for all.
  if (left !== 'none' && right === 'none' && left === context.shape(0).length - 2) return context.out.length - 2;
  return lineUp(context, [0, 1], 2);
};

const gemm: RowRule = (context) => {
  const bias = context.node.inputs[2] ? context.shape(2) : [];
  const isPlain = context.rows(0) === 0 && onlyFirst(context) && intAttribute(context.node, 'transA') !== 1;
  return isPlain && (bias.length < 2 || bias[0] === 1) ? 0 : undefined;
};

/** Those behind the rows are normalised or reduced together. */
const behind = (axisOf: (context: RowContext) => number): RowRule => (context) => {
  const rows = context.rows(0);
  return rows !== 'none' && onlyFirst(context) && rows < fromEnd(axisOf(context), context.shape(0).length) ? rows : undefined;
};

const reduce: RowRule = (context) => {
  const rows = context.rows(0);
  const axes = intsAttribute(context.node, 'axes') ?? (context.node.inputs[1] ? context.content(1) : undefined);
  if (rows === 'none' || !axes) return undefined;
  const gone = axes.map((axis) => fromEnd(axis, context.shape(0).length));
  if (gone.includes(rows)) return undefined;
  return intAttribute(context.node, 'keepdims') === 0 ? rows - gone.filter((axis) => axis < rows).length : rows;
};

const transpose: RowRule = (context) => {
  const perm = intsAttribute(context.node, 'perm') ?? context.out.map((_, axis) => context.out.length - 1 - axis);
  const rows = context.rows(0);
  return rows === 'none' ? undefined : perm.indexOf(rows);
};

const axesOf = (context: RowContext): readonly number[] | undefined => intsAttribute(context.node, 'axes') ?? context.content(1);

const unsqueeze: RowRule = (context) => {
  const axes = axesOf(context)?.map((axis) => fromEnd(axis, context.out.length));
  const rows = context.rows(0);
  const kept = axes && context.out.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  return rows === 'none' ? undefined : kept?.[rows];
};

const squeeze: RowRule = (context) => {
  const axes = axesOf(context)?.map((axis) => fromEnd(axis, context.shape(0).length));
  const rows = context.rows(0);
  return rows === 'none' || !axes || axes.includes(rows) ? undefined : rows - axes.filter((axis) => axis < rows).length;
};

const gather: RowRule = (context) => {
  const [data, indices] = [context.rows(0), context.rows(1)];
  const axis = fromEnd(intAttribute(context.node, 'axis') ?? 0, context.shape(0).length);
  if (data === 'none' && indices !== 'none') return axis + indices;
  if (data === 'none' || indices !== 'none' || data === axis) return undefined;
  return data < axis ? data : data + context.shape(1).length - 1;
};

const concat: RowRule = (context) => {
  const rows = new Set(inputs(context).map(context.rows));
  const [only] = rows;
  const axis = fromEnd(intAttribute(context.node, 'axis') ?? 0, context.out.length);
  return rows.size === 1 && only !== axis ? only : undefined;
};

/** Takes parts along other axes. */
const parts = (cut: (context: RowContext) => readonly number[] | undefined): RowRule => (context) => {
  const rows = context.rows(0);
  const axes = cut(context)?.map((axis) => fromEnd(axis, context.shape(0).length));
  return rows === 'none' || !onlyFirst(context) || !axes || axes.includes(rows) ? undefined : rows;
};

const sliced = (context: RowContext): readonly number[] | undefined =>
  intsAttribute(context.node, 'axes') ?? (context.node.inputs[3] ? context.content(3) : context.content(1)?.map((_, axis) => axis));

/** Rows stand outermost, so that no other axis may stand before them but of size one. */
const reshape: RowRule = (context) => {
  const rows = context.rows(0);
  const shape = context.shape(0);
  if (rows === 'none' || context.rows(1) !== 'none') return undefined;
  // With a batch of one every leading axis could be it: the first, as everywhere; otherwise the first that holds more than one.
  if (shape.slice(0, rows).every((size) => size === 1)) return context.count === 1 ? 0 : context.out.findIndex((size) => size !== 1);
  const isKept = shape.slice(0, rows + 1).every((size, axis) => size === context.out[axis]);
  return isKept ? rows : undefined;
};

const flatten: RowRule = (context) => (context.rows(0) === 0 && (intAttribute(context.node, 'axis') ?? 1) >= 1 ? 0 : undefined);
const outermost: RowRule = (context) => (context.rows(0) === 0 && onlyFirst(context) ? 0 : undefined);
const lookUp: RowRule = ({ looksUpRows }) => (looksUpRows ? 0 : undefined);
const expand: RowRule = (context) => (context.rows(1) === 'none' ? lineUp(context, [0]) : undefined);

const rules: ReadonlyMap<string, RowRule> = new Map([
  ...[
    'Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sqrt', 'Reciprocal', 'Erf', 'Tanh', 'Sigmoid', 'Relu', 'Gelu', 'Cast', 'Identity', 'Neg', 'Abs', 'Where', 'Exp', 'Log', 'Sin', 'Cos', 'Not', 'And', 'Or',
    'Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Max', 'Min', 'IsNaN', 'LeakyRelu', 'Elu', 'Softplus', 'HardSwish', 'Clip',
  ].map((op) => [op, elementwise] as const),
  ['MatMul', matMul], ['Gemm', gemm],
  ['Softmax', behind(({ node, opset }) => intAttribute(node, 'axis') ?? (opset < 13 ? 1 : -1))],
  ['LogSoftmax', behind(({ node, opset }) => intAttribute(node, 'axis') ?? (opset < 13 ? 1 : -1))],
  ...['LayerNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization'].map((op) => [op, behind(({ node }) => intAttribute(node, 'axis') ?? -1)] as const),
  ...['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceL2'].map((op) => [op, reduce] as const),
  ['Transpose', transpose], ['Unsqueeze', unsqueeze], ['Squeeze', squeeze], ['Gather', gather], ['Concat', concat],
  ['Split', parts(({ node }) => [intAttribute(node, 'axis') ?? 0])], ['Slice', parts(sliced)],
  ['Reshape', reshape], ['GatherND', lookUp], ['Expand', expand], ['Flatten', flatten],
  ...['Conv', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'BatchNormalization', 'GroupNormalization', 'InstanceNormalization'].map((op) => [op, outermost] as const),
]);

export function rowsAfter(context: RowContext): Rows | undefined {
  if (inputs(context).every((index) => context.rows(index) === 'none') && context.node.captured.length === 0) return 'none';
  // Bundles with a scale for a whole tensor tie the rows together; those of one place do not, but have rules of their own.
  if (context.node.parts || context.node.domain !== '') return undefined;
  return rules.get(context.node.op)?.(context);
}
