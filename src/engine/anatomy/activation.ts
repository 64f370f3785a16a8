/** Elementwise nonlinearities by the operators that make them; the first row that fits names it. */
import type { GraphNode } from '../onnx/graph.ts';

interface ActivationRow {
  readonly name: string;
  readonly fits: (ops: ReadonlySet<string>) => boolean;
}

const rows: readonly ActivationRow[] = [
  { name: 'gelu', fits: (ops) => ops.has('Gelu') || ops.has('Erf') || ops.has('BiasGelu') },
  { name: 'gelu_tanh', fits: (ops) => ops.has('FastGelu') || ops.has('Tanh') },
  { name: 'silu', fits: (ops) => ops.has('Sigmoid') || ops.has('Swish') || ops.has('QuickGelu') },
  { name: 'relu', fits: (ops) => ops.has('Relu') },
  { name: 'leaky_relu', fits: (ops) => ops.has('LeakyRelu') },
  { name: 'elu', fits: (ops) => ops.has('Elu') || ops.has('Selu') || ops.has('Celu') },
  { name: 'hardswish', fits: (ops) => ops.has('HardSwish') || ops.has('HardSigmoid') },
  { name: 'softplus', fits: (ops) => ops.has('Softplus') || ops.has('Mish') },
];

/** The name of the nonlinearity among these nodes; undefined where there is none. */
export function activationName(nodes: readonly GraphNode[]): string | undefined {
  const ops = new Set(nodes.map((node) => node.op));
  return rows.find((row) => row.fits(ops))?.name;
}
