/** One attention layer, read from its anchor: pattern, scores, q, k, v, z and what it adds to the stream. */
import { intAttribute } from '../onnx/attributes.ts';
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { Dim } from '../onnx/infer/dim.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { AttentionAnchor } from './anchor.ts';
import { AxisTracker } from './axes.ts';
import { isCausal } from './causal.ts';
import { isNorm } from './norm.ts';
import { positionBias } from './positionBias.ts';
import type { Origin } from './origin.ts';
import { activationsOf, isProduct, lastProjection, matrixOf } from './projection.ts';
import { streamPlace } from './place.ts';
import { tracePart } from './qkv.ts';
import type { Part } from './qkv.ts';
import { sourceOf } from './elsewhere.ts';
import type { Atom, Attention, Carries, Layout, Place, Reading } from './types.ts';

const patternAxes: readonly Atom[] = ['batch', 'head', 'dest', 'src'];
const sideAxes: readonly Atom[] = ['batch', 'head', 'pos', 'dHead'];
/** Keys and values of another stream stand at its positions. */
const elsewhereAxes: readonly Atom[] = ['batch', 'head', 'src', 'dHead'];

/** Reads a layer, or says why it cannot be. `out` is what the layer adds to the stream: [batch, pos, dModel]. */
export function readAttention(anchor: AttentionAnchor, out: Value, { types, origin, carries, isTriangle, flowFrom }: Reading): Attention | string {
  const projection = lastProjection(out, origin);
  if (!projection) return 'what it adds to the residual stream does not come from a projection';
  const softmaxInput = anchor.softmax.inputs[0];
  const queries = anchor.scoresProduct.inputs[0];
  const keys = anchor.scoresProduct.inputs[1];
  const mixed = anchor.outputProduct.outputs[0];
  if (!softmaxInput || !queries || !keys || !mixed) return 'an operand of its products is missing';
  if (anchor.scoresProduct.op !== 'MatMul' || anchor.outputProduct.op !== 'MatMul') {
    return `its products are ${anchor.scoresProduct.op} and ${anchor.outputProduct.op}, which are not read yet`;
  }
  if (!carries(queries)) return 'its queries do not come from the stream that it adds to';
  if (carries(keys) !== carries(anchor.values)) return 'its keys and its values come from different streams';
  const source = carries(keys) ? null : sourceOf(keys, anchor.values, origin);
  if (source === undefined) return 'its keys and values do not come from one tensor of another stream';

  const patternShape = types.of(anchor.pattern).shape ?? types.of(softmaxInput).shape;
  const zShape = types.of(mixed).shape;
  const rank = patternShape?.length ?? zShape?.length ?? 4;
  if (rank !== 3 && rank !== 4) return `its pattern has ${rank} axes, not 3 or 4`;
  const dHead = numberAt(zShape, -1);
  const sizes = new Map<Atom, Dim>();
  const note = (atom: Atom, dim: Dim | undefined): void => {
    if (dim) sizes.set(atom, dim);
  };
  if (rank === 4) {
    note('batch', patternShape?.[0]);
    note('head', patternShape?.[1]);
  }
  note('pos', zShape?.at(-2));
  note('dHead', zShape?.at(-1));
  if (source) note('src', patternShape?.at(-1) ?? types.of(anchor.values).shape?.at(-2));

  const keyAxes = source ? elsewhereAxes : sideAxes;
  const side = (value: Value, axes: readonly Atom[]): Place => ({ value, layout: layoutFor(rank, axes) });
  const used = { q: side(queries, sideAxes), k: side(keys, transposed(keyAxes)), v: side(anchor.values, keyAxes) };
  const trace = (place: Place, from: Carries): Part => tracePart(place, new AxisTracker(types, from), types, origin, from, sizes);
  const keysFrom = source ? flowFrom(source) : carries;
  const [q, k, v] = [trace(used.q, carries), trace(used.k, keysFrom), trace(used.v, keysFrom)];
  const repeats = k.repeats ?? v.repeats;
  // One key head for all may simply be broadcast.
  const heads = headCount(rank, patternShape, zShape) ?? headsOf(q.place, types) ?? headsInto(projection, dHead, types, origin);
  const kvHeads = repeats ? repeats.kvHeads : headsOf(k.place, types) ?? heads;

  return {
    heads,
    kvHeads,
    dHead,
    q: q.place, k: k.place, v: v.place,
    scores: { value: softmaxInput, layout: layoutFor(types.of(softmaxInput).shape?.length ?? rank, patternAxes) },
    pattern: { value: anchor.pattern, layout: layoutFor(rank, patternAxes) },
    z: { value: mixed, layout: layoutFor(rank, sideAxes) },
    qUsed: used.q,
    kUsed: used.k,
    vUsed: used.v,
    normed: isNormed(q.place, queries) || isNormed(k.place, keys),
    out: streamPlace(out, types),
    rotary: q.rotary,
    causal: isCausal(softmaxInput, origin, isTriangle, isProduct),
    bias: positionBias(softmaxInput, anchor.scoresProduct, heads, types, origin),
    source,
    softmax: anchor.softmax,
    projection,
  };
}

const transposed = (axes: readonly Atom[]): readonly Atom[] => [...axes.slice(0, 2), ...axes.slice(2).reverse()];

const isNormed = (place: Place | null, used: Value): boolean => place !== null && place.value !== used && isNorm(place.value, used);

/** How often a head's vector fits into what the output projection multiplies. */
function headsInto(projection: GraphNode, dHead: number | null, types: TypeTable, origin: Origin): number | null {
  const [joined] = activationsOf(projection, origin);
  const matrix = matrixOf(projection, origin);
  const width = numberAt(joined && types.of(joined).shape, -1) ?? numberAt(matrix && types.of(matrix).shape, projection.op === 'Gemm' && intAttribute(projection, 'transB') === 1 ? 1 : 0);
  return width !== null && dHead !== null && width % dHead === 0 ? width / dHead : null;
}

/** Rank 4 is an axis each; rank 3 has batch and head in one. */
function layoutFor(rank: number, atoms: readonly Atom[]): Layout {
  const [first, second, ...rest] = atoms as readonly [Atom, Atom, ...Atom[]];
  return rank === 4 ? atoms.map((atom) => [atom]) : [[first, second], ...rest.map((atom) => [atom])];
}

function headsOf(place: Place | null, types: TypeTable): number | null {
  const axis = place?.layout.findIndex((group) => group.length === 1 && group[0] === 'head') ?? -1;
  return place && axis >= 0 ? numberAt(types.of(place.value).shape, axis) : null;
}

type Shape = readonly (Dim | undefined)[] | undefined;

function headCount(rank: number, patternShape: Shape, zShape: Shape): number | null {
  return rank === 4 ? numberAt(patternShape, 1) ?? numberAt(zShape, 1) : null;
}

function numberAt(shape: Shape, axis: number): number | null {
  return asNumber(shape?.at(axis)) ?? null;
}
