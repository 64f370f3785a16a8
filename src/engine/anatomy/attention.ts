/** One attention layer, read from its anchor: pattern, scores, q, k, v, z and what it adds to the stream. */
import { intAttribute } from '../onnx/attributes.ts';
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { Dim } from '../onnx/infer/dim.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { AttentionAnchor } from './anchor.ts';
import { AxisTracker } from './axes.ts';
import { isNorm } from './norm.ts';
import { elsewhere, layoutFor, readOperands, sizeOf } from './operands.ts';
import { positionBias } from './positionBias.ts';
import type { Origin } from './origin.ts';
import { activationsOf, lastProjection, matrixOf } from './projection.ts';
import { streamPlace } from './place.ts';
import { tracePart } from './qkv.ts';
import type { Part } from './qkv.ts';
import { sourceOf } from './elsewhere.ts';
import type { Atom, Attention, Carries, Place, Reading } from './types.ts';

/** Reads a layer, or says why it cannot be. `out` is what the layer adds to the stream: [batch, pos, dModel]. */
export function readAttention(anchor: AttentionAnchor, out: Value, reading: Reading): Attention | string {
  const { types, origin, carries, isCausal, flowFrom } = reading;
  const projection = lastProjection(out, origin);
  if (!projection) return 'what it adds to the residual stream does not come from a projection';
  const softmaxInput = anchor.softmax.inputs[0];
  const { pattern } = anchor;
  if (!softmaxInput) return 'an operand of its products is missing';
  const scoresShape = types.of(softmaxInput).shape;
  const patternShape = types.of(pattern).shape ?? scoresShape;
  const mixed = anchor.outputProduct.outputs[0];
  const zShape = mixed && types.of(mixed).shape;
  const rank = patternShape?.length ?? zShape?.length ?? 4;
  if (rank !== 3 && rank !== 4) return `its pattern has ${rank} axes, not 3 or 4`;
  const scoresRank = (anchor.scoresProduct.outputs[0] && types.of(anchor.scoresProduct.outputs[0]).shape?.length) ?? rank;
  if (scoresRank !== 3 && scoresRank !== 4) return `its scores have ${scoresRank} axes, not 3 or 4`;
  const operands = readOperands(anchor, rank, scoresRank);
  if (typeof operands === 'string') return operands;
  const { queries, z } = operands;
  if (!carries(queries.value)) return 'its queries do not come from the stream that it adds to';
  if (carries(operands.keys.value) !== carries(operands.values.value)) return 'its keys and its values come from different streams';
  const source = carries(operands.keys.value) ? null : sourceOf(operands.keys.value, operands.values.value, origin);
  if (source === undefined) return 'its keys and values do not come from one tensor of another stream';
  const [keys, values] = source ? [elsewhere(operands.keys), elsewhere(operands.values)] : [operands.keys, operands.values];
  const sizes = new Map<Atom, Dim>();
  const note = (atom: Atom, dim: Dim | undefined): void => {
    if (dim) sizes.set(atom, dim);
  };
  for (const atom of ['batch', 'head'] as const) note(atom, sizeOf(operands.pattern, patternShape, atom));
  for (const atom of ['pos', 'dHead'] as const) note(atom, sizeOf(z.layout, zShape, atom));
  if (source) note('src', sizeOf(operands.pattern, patternShape, 'src') ?? sizeOf(values.layout, types.of(values.value).shape, 'src'));
  const dHead = asNumber(sizes.get('dHead')) ?? null;

  const trace = (place: Place, from: Carries): Part => tracePart(place, new AxisTracker(types, from), types, origin, from, sizes);
  const keysFrom = source ? flowFrom(source) : carries;
  const [q, k, v] = [trace(queries, carries), trace(keys, keysFrom), trace(values, keysFrom)];
  const repeats = k.repeats ?? v.repeats;
  // One key head for all may simply be broadcast.
  const heads = asNumber(sizes.get('head')) ?? asNumber(sizeOf(z.layout, zShape, 'head')) ?? headsOf(q.place, types) ?? headsInto(projection, dHead, types, origin);
  const kvHeads = repeats ? repeats.kvHeads : headsOf(k.place, types) ?? heads;

  return {
    heads,
    kvHeads,
    dHead,
    q: q.place, k: k.place, v: v.place,
    scores: { value: softmaxInput, layout: scoresShape && scoresShape.length !== rank ? layoutFor(scoresShape.length, ['batch', 'head', 'dest', 'src']) : operands.pattern },
    pattern: { value: pattern, layout: operands.pattern },
    z,
    qUsed: queries,
    kUsed: keys,
    vUsed: values,
    normed: isNormed(q.place, queries.value) || isNormed(k.place, keys.value),
    out: streamPlace(out, types),
    rotary: q.rotary,
    causal: isCausal(softmaxInput),
    bias: positionBias(softmaxInput, anchor.scoresProduct, heads, reading),
    source,
    softmax: anchor.softmax,
    projection,
  };
}

const isNormed = (place: Place | null, used: Value): boolean => place !== null && place.value !== used && isNorm(place.value, used);

/** How often a head's vector fits into what the output projection multiplies. */
function headsInto(projection: GraphNode, dHead: number | null, types: TypeTable, origin: Origin): number | null {
  const [joined] = activationsOf(projection, origin);
  const matrix = matrixOf(projection, origin);
  const width = numberAt(joined && types.of(joined).shape, -1) ?? numberAt(matrix && types.of(matrix).shape, projection.op === 'Gemm' && intAttribute(projection, 'transB') === 1 ? 1 : 0);
  return width !== null && dHead !== null && width % dHead === 0 ? width / dHead : null;
}

function headsOf(place: Place | null, types: TypeTable): number | null {
  return place && (asNumber(sizeOf(place.layout, types.of(place.value).shape, 'head')) ?? null);
}

type Shape = readonly (Dim | undefined)[] | undefined;

function numberAt(shape: Shape, axis: number): number | null {
  return asNumber(shape?.at(axis)) ?? null;
}
