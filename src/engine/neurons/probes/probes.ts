/**
 * What is wanted of neurons and heads, computed beside them: rows times positions times neurons never leave the runtime, and neither do patterns.
 *
 * Measured on the stories example (4 layers of 1,024 neurons, 256 tokens a pass): sum, count and largest of each row take an eighth of the time of the
 * layer that they are about; a histogram by comparisons took as long as the layer itself, by ScatterElements a third. So a sample of the tokens
 * is handed out whole for histograms, and everything else is reduced here.
 */
import { BOOL, FLOAT, INT32, INT64 } from '../../onnx/elementType.ts';
import type { TypedName } from '../../onnx/slim.ts';
import type { Probe } from '../../program/program.ts';
import { gaussians } from '../hash.ts';
import type { HeadLayer, IndexPlan, MlpLayer } from '../plan.ts';
import { ProbeBuilder } from './builder.ts';

/** Numbers that are kept of the state at an example. */
export const SKETCH = 32;

/** What every pass feeds. */
export const feeds = {
  /** [3]: rows, positions, -1. */
  shape: 'cogscope#shape',
  /** [1, rows * positions]: 1 where a token counts. */
  counts: 'cogscope#counts',
  /** [rows, positions, 1]: 0 where a token counts, else far below everything. */
  floor: 'cogscope#floor',
  /** [rows, 1, positions, 1]: the same for destinations. */
  headFloor: 'cogscope#head-floor',
  /** [1, 1, positions]: the same for sources, of which the first does not count. */
  sourceFloor: 'cogscope#source-floor',
  /** [1]: whether no destination that does not count attends to anything but the first position. */
  allSeen: 'cogscope#all-seen',
  /** [4]: 1, 1, positions, 1. */
  column: 'cogscope#column',
  /** [4]: rows, blocks, positions of a block, -1. */
  blocks: 'cogscope#blocks',
  /** [4]: 1, 1, positions of a block, 1. */
  block: 'cogscope#block',
  /** [1]: positions of a block. */
  blockSize: 'cogscope#block-size',
  /** [5]: rows and heads as they are, blocks, positions of a block, -1. */
  headBlocks: 'cogscope#head-blocks',
  /** Indices into rows * positions. */
  sample: 'cogscope#sample',
} as const;

const mlpInputs: readonly TypedName[] = [
  { name: feeds.shape, elemType: INT64, shape: [3] },
  { name: feeds.blocks, elemType: INT64, shape: [4] },
  { name: feeds.block, elemType: INT64, shape: [4] },
  { name: feeds.blockSize, elemType: INT64, shape: [1] },
  { name: feeds.counts, elemType: FLOAT, shape: [1, 'tokens'] },
  { name: feeds.floor, elemType: FLOAT, shape: ['rows', 'positions', 1] },
  { name: feeds.sample, elemType: INT64, shape: ['sampled'] },
];

export const mlpOutputs = (layer: number) => ({
  /** [1, neurons]: over the tokens that count. */
  sum: `cogscope#mlp${layer}.sum`,
  /** [1, neurons]: tokens with an activation above 0. */
  firing: `cogscope#mlp${layer}.firing`,
  /** [rows, 1, neurons]. */
  largest: `cogscope#mlp${layer}.largest`,
  /** [rows, 1, neurons]: the position of the largest. */
  place: `cogscope#mlp${layer}.place`,
  /** [sampled, neurons]. */
  sample: `cogscope#mlp${layer}.sample`,
  /** [rows, positions, SKETCH]: the state that the MLP reads, projected at random. */
  sketch: `cogscope#mlp${layer}.sketch`,
});

export const headOutputs = (layer: number) => ({
  /** [rows, heads, 1]: the strongest attention of the row to anything but its first position. */
  weight: `cogscope#heads${layer}.weight`,
  /** [rows, heads, 1, 1], [rows, heads, 1]. */
  dest: `cogscope#heads${layer}.dest`,
  src: `cogscope#heads${layer}.src`,
});

/** Of all layers, the MLP's and the heads'. */
export function probesOf(plan: IndexPlan, opset: number, seed: number): readonly Probe[] {
  return [...plan.mlps.flatMap((mlp) => mlpProbes(mlp, opset, seed)), ...plan.attention.map((heads) => headProbe(heads, opset))];
}

function mlpProbes({ layer, neurons, post, state, width }: MlpLayer, opset: number, seed: number): readonly Probe[] {
  const names = mlpOutputs(layer);
  const of = new ProbeBuilder(`cogscope#mlp${layer}`, opset);
  const values = of.op('Cast', [post.value.name], { to: FLOAT });
  const flat = of.op('Reshape', [values, of.integers([-1, neurons])]);
  const byRow = of.op('Reshape', [values, feeds.shape]);
  of.op('MatMul', [feeds.counts, flat], {}, names.sum);
  const isFiring = of.op('Greater', [flat, of.floats([1], Float32Array.of(0))]);
  of.op('MatMul', [feeds.counts, of.op('Cast', [isFiring], { to: FLOAT })], {}, names.firing);
  largestOf(of, of.op('Add', [byRow, feeds.floor]), names);
  of.op('Gather', [flat, feeds.sample], { axis: 0 }, names.sample);
  const sketch = new ProbeBuilder(`cogscope#state${layer}`, opset);
  const stream = sketch.op('Reshape', [sketch.op('Cast', [state.value.name], { to: FLOAT }), feeds.shape]);
  sketch.op('MatMul', [stream, sketch.floats([width, SKETCH], gaussians(width * SKETCH, seed + layer))], {}, names.sketch);
  const output = (name: string, elemType = FLOAT): TypedName => ({ name, elemType });
  return [
    { value: post.value, nodes: of.nodes, inputs: mlpInputs, outputs: [output(names.sum), output(names.firing), output(names.largest), output(names.place, INT32), output(names.sample)] },
    { value: state.value, nodes: sketch.nodes, inputs: mlpInputs.slice(0, 1), outputs: [output(names.sketch)] },
  ];
}

/**
 * The largest of each row and neuron, and its position; of equals the first. ArgMax over all positions runs on one thread and takes two thirds of the time of the product before it; so does ReduceMax, but not where
 * there are blocks to share out: the largest of each block first, then the block, then the place within it.
 */
function largestOf(of: ProbeBuilder, counting: string, names: ReturnType<typeof mlpOutputs>): void {
  const blocks = of.op('Reshape', [counting, feeds.blocks]);
  const best = of.reduceMax(blocks, 2);
  const block = of.op('ArgMax', [best], { axis: 1, keepdims: 1 });
  of.op('GatherElements', [best, block], { axis: 1 }, names.largest);
  const own = of.op('GatherElements', [blocks, of.op('Expand', [of.widened(block, 2), feeds.block])], { axis: 1 });
  const within = of.op('ArgMax', [own], { axis: 2, keepdims: 0 });
  of.op('Cast', [of.op('Add', [of.op('Mul', [block, feeds.blockSize]), within])], { to: INT32 }, names.place);
}

/**
 * The first position is left out as a source: most heads rest there when they have nothing to do. Sources are chosen first, so that leaving one out takes no copy
 * of the pattern; of equals the first source, and of its destinations the first.
 */
function headProbe({ layer, pattern }: HeadLayer, opset: number): Probe {
  const names = headOutputs(layer);
  const of = new ProbeBuilder(`cogscope#heads${layer}`, opset);
  const weights = of.op('Cast', [pattern.value.name], { to: FLOAT });
  const overDestinations = (seen: string): string => of.reduceMax(of.reduceMax(of.op('Reshape', [seen, feeds.headBlocks]), 3), 2);
  const bySource = of.either(feeds.allSeen, () => overDestinations(weights), () => overDestinations(of.op('Add', [weights, feeds.headFloor])));
  const strongest = of.op('Add', [bySource, feeds.sourceFloor]);
  const src = of.op('ArgMax', [strongest], { axis: 2, keepdims: 1 });
  of.op('Cast', [src], { to: INT32 }, names.src);
  of.op('GatherElements', [strongest, src], { axis: 2 }, names.weight);
  const column = of.op('GatherElements', [weights, of.op('Expand', [of.widened(src, 3), feeds.column])], { axis: 3 });
  of.op('Cast', [of.op('ArgMax', [of.op('Add', [column, feeds.headFloor])], { axis: 2, keepdims: 1 })], { to: INT32 }, names.dest);
  return {
    value: pattern.value, nodes: of.nodes,
    inputs: [
      { name: feeds.allSeen, elemType: BOOL, shape: [1] },
      { name: feeds.headFloor, elemType: FLOAT, shape: ['rows', 1, 'positions', 1] },
      { name: feeds.sourceFloor, elemType: FLOAT, shape: [1, 1, 'positions'] },
      { name: feeds.column, elemType: INT64, shape: [4] },
      { name: feeds.headBlocks, elemType: INT64, shape: [5] },
    ],
    outputs: [{ name: names.weight, elemType: FLOAT }, { name: names.dest, elemType: INT32 }, { name: names.src, elemType: INT32 }],
  };
}
