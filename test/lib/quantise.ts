/** Rewrites a graph's products with weights as quantisers write them; weights are random integers, so only the structure is the same. */
import type { NodeProto, TensorProto } from '../../src/engine/onnx/proto/onnx_pb.js';
import { FLOAT, floats, node, tensor } from './protos.ts';
import type { GraphParts } from './protos.ts';
import { randomValues } from './random.ts';

const UINT8 = 2;
const INT8 = 3;

type Form = 'dynamic' | 'pairs' | 'blocks';

const bytes = (name: string, dataType: number, dims: readonly number[], values: readonly number[]): TensorProto =>
  tensor(name, dataType, dims, { rawData: Uint8Array.from(values) });
const random = (seed: number, count: number): number[] => randomValues(seed, count).map((value) => Math.round(value * 100));

/** The graph in one of the forms of ONNX Runtime's quantisers: dynamic int8, pairs of quantise and dequantise, or MatMulNBits. */
export function quantised(parts: GraphParts, form: Form): GraphParts {
  const weights = new Map((parts.weights ?? []).map((weight) => [weight.name, weight]));
  const made = new Map<string, TensorProto>();
  const quantisedAlready = new Set<string>();
  const add = (weight: TensorProto): string => {
    made.set(weight.name, weight);
    return weight.name;
  };
  const scale = (name: string): string => add(floats(name, [], [0.01]));
  const nodes = parts.nodes.flatMap((old): readonly NodeProto[] => {
    const [x = '', w = ''] = old.input;
    const [y = ''] = old.output;
    const matrix = weights.get(w);
    if (form === 'pairs') return [...pairOf(y, old, { scale, add, isOutput: parts.outputs.some((output) => output.name === y) })];
    if (old.opType !== 'MatMul' || !matrix) return [old];
    const [rows = 0, cols = 0] = matrix.dims.map(Number);
    if (form === 'blocks') {
      add(bytes(`${w}.bits`, UINT8, [cols, Math.ceil(rows / 16), 8], random(3, cols * Math.ceil(rows / 16) * 8)));
      add(floats(`${w}.scales`, [cols * Math.ceil(rows / 16)], randomValues(4, cols * Math.ceil(rows / 16)).map((value) => value / 16)));
      return [node('MatMulNBits', [x, `${w}.bits`, `${w}.scales`], [y], { K: rows, N: cols, bits: 4, block_size: 16 }, 'com.microsoft')];
    }
    add(bytes(`${w}.int8`, INT8, [rows, cols], random(3, rows * cols)));
    const once = quantisedAlready.has(x) ? [] : [node('DynamicQuantizeLinear', [x], [`${x}.q`, `${x}.scale`, `${x}.zero`])];
    quantisedAlready.add(x);
    return [
      ...once,
      node('MatMulInteger', [`${x}.q`, `${w}.int8`, `${x}.zero`, add(bytes(`${w}.zero`, INT8, [], [0]))], [`${y}.int`]),
      node('Cast', [`${y}.int`], [`${y}.float`], { to: FLOAT }),
      node('Mul', [`${x}.scale`, scale(`${w}.scale`)], [`${y}.scales`]),
      node('Mul', [`${y}.float`, `${y}.scales`], [y]),
    ];
  });
  return { ...parts, nodes, weights: [...weights.values(), ...made.values()] };
}

interface Adding {
  readonly scale: (name: string) => string;
  readonly add: (weight: TensorProto) => string;
  readonly isOutput: boolean;
}

/** The node with its output rounded to eight bits, unless that is the graph's. */
function pairOf(y: string, old: NodeProto, { scale, add, isOutput }: Adding): readonly NodeProto[] {
  if (isOutput) return [old];
  const by = [scale(`${y}.scale`), add(bytes(`${y}.zero`, UINT8, [], [128]))];
  return [
    node(old.opType, old.input, [`${y}.raw`, ...old.output.slice(1)], attributesOf(old), old.domain),
    node('QuantizeLinear', [`${y}.raw`, ...by], [`${y}.q`]),
    node('DequantizeLinear', [`${y}.q`, ...by], [y]),
  ];
}

function attributesOf(old: NodeProto): Record<string, number | readonly number[]> {
  return Object.fromEntries(old.attribute.map((one) => [one.name, one.ints.length > 0 ? one.ints.map(Number) : Number(one.i)]));
}
