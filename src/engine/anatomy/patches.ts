/** How a vision tower's positions lie on its image, where they are the places of one convolution, row by row. */
import { intAttribute, intsAttribute } from '../onnx/attributes.ts';
import type { GraphNode, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { flowsInto } from './streams.ts';
import type { Tower } from './types.ts';
import { nodesBetween, unalias } from './walk.ts';

export interface Patches {
  readonly tower: Tower;
  /** Positions before the patches: CLS, registers. */
  readonly lead: number;
  /** Pixels that a patch is high and wide, and from one to the next. */
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
}

/** Operators on the way from the patches to the first state that keep their order: norms, sums and rearrangements. */
const inOrder: ReadonlySet<string> = new Set([
  'Reshape', 'Flatten', 'Transpose', 'Unsqueeze', 'Squeeze', 'Concat', 'Cast', 'Identity', 'Dropout', 'Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sqrt', 'Reciprocal', 'ReduceMean', 'LayerNormalization',
]);

/** Undefined where something else is done between pixels and stream: pooling, windows, positions that are left out or moved. */
export function readPatches(towers: readonly Tower[], pixels: Value, types: TypeTable): Patches | undefined {
  for (const tower of towers) {
    const start = tower.kind === 'pool' ? undefined : tower.blocks[0]?.start.value;
    if (!start || !flowsInto(pixels, start)) continue;
    const nodes = nodesBetween(pixels, start);
    const convolutions = nodes.filter(({ op }) => op === 'Conv');
    const [convolution] = convolutions;
    const output = convolution?.outputs[0];
    const sizes = convolution && convolutions.length === 1 ? sizesOf(convolution, pixels, types) : undefined;
    const lead = output && leadOf(output, start, types);
    if (sizes && lead !== undefined) return { tower, lead, ...sizes };
  }
  return undefined;
}

function sizesOf(node: GraphNode, pixels: Value, types: TypeTable): Pick<Patches, 'kernel' | 'stride'> | undefined {
  const [input, weight] = node.inputs;
  const [height, width] = (weight && types.of(weight).shape?.slice(2).map(asNumber)) ?? [];
  const [down = 1, right = 1] = intsAttribute(node, 'strides') ?? [];
  const isPlain = (intsAttribute(node, 'pads') ?? []).every((pad) => pad === 0) && (intsAttribute(node, 'dilations') ?? []).every((step) => step === 1) && (intAttribute(node, 'group') ?? 1) === 1;
  return input && unalias(input) === pixels && isPlain && height && width ? { kernel: [height, width], stride: [down, right] } : undefined;
}

/** How many positions are put before the patches; undefined where they are put elsewhere, or patches change their order. */
function leadOf(patches: Value, start: Value, types: TypeTable): number | undefined {
  const nodes = nodesBetween(patches, start);
  if (!nodes.every((node) => inOrder.has(node.op) && !turnsImage(node))) return undefined;
  const made = new Set<Value | undefined>([patches, ...nodes.flatMap((node) => node.outputs)]);
  let lead = 0;
  for (const { inputs } of nodes.filter(({ op }) => op === 'Concat')) {
    if (inputs.findIndex((input) => made.has(input)) !== inputs.length - 1) return undefined;
    for (const input of inputs.slice(0, -1)) {
      const count = input && types.of(input).shape?.length === 3 ? asNumber(types.of(input).shape?.[1]) : undefined;
      if (count === undefined) return undefined;
      lead += count;
    }
  }
  return lead;
}

/** Width would come before height. */
function turnsImage(node: GraphNode): boolean {
  const perm = node.op === 'Transpose' ? intsAttribute(node, 'perm') : undefined;
  return perm?.length === 4 && perm.indexOf(2) > perm.indexOf(3);
}
