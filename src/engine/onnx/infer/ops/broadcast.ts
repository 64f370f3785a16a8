/** Elementwise operators: shapes broadcast, small integer tensors are computed. */
import { BOOL, isFloatType } from '../../elementType.ts';
import { intAttribute } from '../../attributes.ts';
import { asNumber, dividedBy, number, sameDim, times } from '../dim.ts';
import type { Dim } from '../dim.ts';
import type { InferContext, InferRule, Shape } from '../infer.ts';

export function broadcastShapes(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b) return undefined;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = axis - (rank - a.length) >= 0 ? a[axis - (rank - a.length)] : number(1);
    const right = axis - (rank - b.length) >= 0 ? b[axis - (rank - b.length)] : number(1);
    if (asNumber(left) === 1) return right;
    if (asNumber(right) === 1) return left;
    if (sameDim(left, right)) return left;
    // A number above 1 settles it, since broadcasting allows no other.
    return asNumber(left) !== undefined ? left : asNumber(right) !== undefined ? right : undefined;
  });
}

type Arithmetic = (a: Dim | undefined, b: Dim | undefined) => Dim | undefined;

const onNumbers = (compute: (a: number, b: number) => number): Arithmetic => (a, b) => {
  const [x, y] = [asNumber(a), asNumber(b)];
  return x === undefined || y === undefined ? undefined : number(compute(x, y));
};

const adding: Arithmetic = (a, b) => (asNumber(b) === 0 ? a : asNumber(a) === 0 ? b : onNumbers((x, y) => x + y)(a, b));

/** Integers lose what is left over; floats that were integers before keep it, and are followed only where nothing is. */
const cutOff: Arithmetic = (a, b) => dividedBy(a, b) ?? (asNumber(b) === 0 ? undefined : onNumbers((x, y) => Math.trunc(x / y))(a, b));

function binary(arithmetic?: Arithmetic): InferRule {
  return ({ input }) => {
    const [a, b] = [input(0), input(1)];
    return [{ elemType: a.elemType || b.elemType, shape: broadcastShapes(a.shape, b.shape), content: arithmetic && combine(a.content, b.content, arithmetic) }];
  };
}

function combine(a: Shape | undefined, b: Shape | undefined, arithmetic: Arithmetic): Shape | undefined {
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => arithmetic(a[a.length === 1 ? 0 : index], b[b.length === 1 ? 0 : index]));
}

const same: InferRule = ({ input }) => [{ elemType: input(0).elemType, shape: input(0).shape }];
const identity: InferRule = ({ input }) => [input(0)];
/** Truth is 1 and its contrary 0; a comparison with a name is only known where both sides are the same. */
function comparison(holds: (x: number, y: number) => boolean): InferRule {
  const compared: Arithmetic = (a, b) => (sameDim(a, b) ? number(holds(0, 0) ? 1 : 0) : onNumbers((x, y) => (holds(x, y) ? 1 : 0))(a, b));
  return ({ input }) => [{ elemType: BOOL, shape: broadcastShapes(input(0).shape, input(1).shape), content: combine(input(0).content, input(1).content, compared) }];
}

const not: InferRule = ({ input }) => [{
  elemType: BOOL, shape: input(0).shape, content: input(0).content?.map((dim) => (asNumber(dim) === undefined ? undefined : number(asNumber(dim) === 0 ? 1 : 0))),
}];

const logical: InferRule = (context) => [{ elemType: BOOL, shape: broadcastShapes(context.input(0).shape, context.has(1) ? context.input(1).shape : []) }];

const variadic: InferRule = ({ node, input }) => [{
  elemType: input(0).elemType,
  shape: node.inputs.map((_, index) => input(index).shape).reduce((left, right) => broadcastShapes(left, right)),
}];

const where: InferRule = ({ input }) => [{
  elemType: input(1).elemType || input(2).elemType,
  shape: broadcastShapes(input(0).shape, broadcastShapes(input(1).shape, input(2).shape)),
  // torch writes Where(shape == -1, ...) to expand.
  content: chosen(input(0).content, input(1).content, input(2).content),
}];

/** Element by element, where the condition is known or both sides agree. */
function chosen(condition: Shape | undefined, a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b || a.length !== b.length) return undefined;
  return a.map((dim, index) => {
    const answer = asNumber(condition?.[condition.length === 1 ? 0 : index]);
    if (answer !== undefined) return answer !== 0 ? dim : b[index];
    return sameDim(dim, b[index]) ? dim : undefined;
  });
}

const cast: InferRule = (context: InferContext) => [{ elemType: intAttribute(context.node, 'to') ?? 0, shape: context.input(0).shape, content: context.input(0).content }];

const unary = [
  'Neg', 'Abs', 'Sqrt', 'Reciprocal', 'Exp', 'Log', 'Erf', 'Tanh', 'Sigmoid', 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'Softplus', 'Sin', 'Cos', 'Tan',
  'Floor', 'Ceil', 'Round', 'Sign', 'Clip', 'HardSwish', 'HardSigmoid', 'Mish', 'Softmax', 'LogSoftmax', 'CumSum', 'Trilu', 'Swish',
  'QuickGelu', 'FastGelu', 'BiasGelu', 'SimplifiedLayerNormalization', 'LayerNormalization', 'RMSNormalization', 'GroupNormalization', 'InstanceNormalization', 'BatchNormalization', 'Softsign', 'ThresholdedRelu', 'PRelu', 'LpNormalization', 'RotaryEmbedding',
] as const;

export const broadcasting: readonly (readonly [string, InferRule])[] = [
  ...unary.map((op) => [op, same] as const),
  ...['Identity', 'Dropout'].map((op) => [op, identity] as const),
  ...['And', 'Or', 'Xor', 'IsNaN', 'IsInf'].map((op) => [op, logical] as const),
  ['Equal', comparison((x, y) => x === y)], ['Less', comparison((x, y) => x < y)], ['LessOrEqual', comparison((x, y) => x <= y)],
  ['Greater', comparison((x, y) => x > y)], ['GreaterOrEqual', comparison((x, y) => x >= y)], ['Not', not],
  ...['Max', 'Min', 'Sum', 'Mean'].map((op) => [op, variadic] as const),
  ['Add', binary(adding)],
  ['Sub', binary((a, b) => (asNumber(b) === 0 ? a : onNumbers((x, y) => x - y)(a, b)))],
  ['Mul', binary(times)],
  ['Div', (context) => binary(isFloatType(context.input(0).elemType) ? dividedBy : cutOff)(context)],
  ['Pow', binary()], ['Mod', binary(onNumbers((x, y) => ((x % y) + y) % y))],
  ['BitwiseAnd', binary()], ['BitwiseOr', binary()],
  ['Where', where],
  ['Cast', cast],
  ['CastLike', ({ input }) => [{ elemType: input(1).elemType, shape: input(0).shape, content: input(0).content }]],
];
