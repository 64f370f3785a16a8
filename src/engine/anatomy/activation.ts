/** Elementwise nonlinearities by the operators that make them; the first row that fits names it. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import { attribute } from '../onnx/attributes.ts';
import { UINT16, UINT8 } from '../onnx/elementType.ts';

interface ActivationRow {
  readonly name: string;
  readonly fits: (ops: ReadonlyMap<string, GraphNode>) => boolean;
}

const rows: readonly ActivationRow[] = [
  { name: 'tanh', fits: (ops) => ops.has('Tanh') && !ops.has('Mul') },
  { name: 'sigmoid', fits: (ops) => ops.has('Sigmoid') && !ops.has('Mul') },
  { name: 'gelu_tanh', fits: (ops) => ops.has('FastGelu') || ops.has('Tanh') || isApproximate(ops.get('Gelu')) },
  { name: 'gelu', fits: (ops) => ops.has('Gelu') || ops.has('Erf') || ops.has('BiasGelu') },
  { name: 'quick_gelu', fits: (ops) => isScaled(ops.get('Sigmoid')) || (ops.has('QuickGelu') && attributeOf(ops.get('QuickGelu'), 'alpha')?.f !== 1) },
  { name: 'silu', fits: (ops) => ops.has('Sigmoid') || ops.has('Swish') || ops.has('QuickGelu') },
  { name: 'relu_squared', fits: (ops) => ops.has('Relu') && (ops.has('Pow') || isSquare(ops.get('Mul'))) },
  { name: 'relu', fits: (ops) => ops.has('Relu') },
  { name: 'leaky_relu', fits: (ops) => ops.has('LeakyRelu') },
  { name: 'elu', fits: (ops) => ops.has('Elu') || ops.has('Selu') || ops.has('Celu') },
  { name: 'hardswish', fits: (ops) => ops.has('HardSwish') || ops.has('HardSigmoid') },
  { name: 'softplus', fits: (ops) => ops.has('Softplus') || ops.has('Mish') },
];

const attributeOf = (node: GraphNode | undefined, name: string): ReturnType<typeof attribute> => node && attribute(node, name);

/** Gelu's attribute that asks for the form with tanh. */
function isApproximate(gelu: GraphNode | undefined): boolean {
  return new TextDecoder().decode(attributeOf(gelu, 'approximate')?.s ?? new Uint8Array()) === 'tanh';
}

/** `sigmoid(1.702 x)`: a constant stands before the sigmoid. */
function isScaled(sigmoid: GraphNode | undefined): boolean {
  const scale = sigmoid?.inputs[0]?.producer;
  return scale?.op === 'Mul' && scale.inputs.some(isNumber);
}

const isSquare = (product: GraphNode | undefined): boolean => product !== undefined && product.inputs[0] === product.inputs[1];

const isNumber = (value: Value | undefined): boolean => value !== undefined && (value.weight ? value.weight.dims.every((dim) => dim === 1) : value.producer?.op === 'Constant');

/** The name of the nonlinearity among these nodes; undefined where there is none. */
export function activationName(nodes: readonly GraphNode[]): string | undefined {
  const ops = new Map(nodes.map((node) => [node.op, node]));
  return rows.find((row) => row.fits(ops))?.name ?? (nodes.some(cutsAtZero) ? 'relu' : undefined);
}

/** Rounding to codes of which the lowest is zero cuts what is negative: quantisers leave out a Relu that stands before it. */
export function cutsAtZero(node: GraphNode): boolean {
  const zero = node.op === 'Identity' ? node.parts?.[0]?.inputs[2]?.weight : undefined;
  if (!zero || (zero.dataType !== UINT8 && zero.dataType !== UINT16)) return false;
  return zero.storage.kind === 'inline' && zero.storage.bytes.every((byte) => byte === 0);
}
