/** Rounding to few bits as ONNX defines it, so that what quantised models make is recomputed and not merely allowed for. */
import { nodesBetween } from '../anatomy/walk.ts';
import { readConstant } from '../onnx/constantValue.ts';
import { INT16, INT8, UINT16, UINT8 } from '../onnx/elementType.ts';
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import type { OnnxModel } from '../onnx/model.ts';

/** To the nearest, ties to even. */
function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

export interface Rounding {
  readonly scale: number;
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

/** QuantizeLinear. */
export function quantisedCode(x: number, { scale, zero, low, high }: Rounding): number {
  return clamp(roundEven(Math.fround(x / scale)) + zero, low, high);
}

/** QuantizeLinear and back. */
export function rounded(x: number, rounding: Rounding): number {
  return Math.fround((quantisedCode(x, rounding) - rounding.zero) * rounding.scale);
}

/** DynamicQuantizeLinear and back: one scale for the whole tensor. */
export function dynamicRounding(data: Float32Array): Rounding {
  let [low, high] = [0, 0];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const scale = high === low ? 1 : Math.fround(Math.fround(high - low) / 255);
  return { scale, zero: roundEven(clamp(Math.fround(-low / scale), 0, 255)), low: 0, high: 255 };
}

/** A pair of QuantizeLinear and DequantizeLinear around an activation (onnx/bundles.ts). */
export const isRounding = (node: GraphNode): boolean => node.op === 'Identity' && node.parts !== undefined;

/** Activations are rounded to few bits somewhere: in pairs, or for products of integers. */
export const roundsActivations = (graph: Graph): boolean => graph.nodes.some((node) => node.parts !== undefined && node.op !== 'Gather');

/** The roundings that an activation passes on its way, in order; those with more than one scale are left out. */
export function roundingsBetween(model: OnnxModel, from: Value, to: Value): readonly Rounding[] {
  return nodesBetween(from, to).flatMap((node) => roundingOf(model, node) ?? []);
}

/** The codes of each integer type. */
const ranges: ReadonlyMap<number, readonly [number, number]> = new Map([[UINT8, [0, 255]], [INT8, [-128, 127]], [UINT16, [0, 65535]], [INT16, [-32768, 32767]]]);

/** Undefined where the node is no rounding, or one with more than one scale. */
export function roundingOf(model: OnnxModel, node: GraphNode): Rounding | undefined {
  if (!isRounding(node)) return undefined;
  const [, scale, zero] = node.parts?.[0]?.inputs ?? [];
  const by = readConstant(model, scale);
  const offset = readConstant(model, zero);
  const range = ranges.get(zero?.weight?.dataType ?? UINT8);
  if (by?.data.length !== 1 || !range || (zero && offset?.data.length !== 1)) return undefined;
  return { scale: by.data[0] ?? NaN, zero: offset?.data[0] ?? 0, low: range[0], high: range[1] };
}
