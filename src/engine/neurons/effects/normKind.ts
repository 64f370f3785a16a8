/**
 * What stands between the last state and the logits, told by what it does to a few vectors: nothing but a matrix and a bias, or a norm
 * before them. Then a vector's direct effect is exact: what the norm divides by is known, and everything else is linear.
 */
import { gaussians } from '../hash.ts';
import type { LastStage } from './lastStage.ts';

/** 'layer': layer norm, which takes the mean away; 'rms': root mean square norm. */
export type NormKind = 'layer' | 'rms' | 'none';

/** Of the largest number compared: rounding of half precision, and the norm's epsilon. */
const TOLERANCE = 1e-2;

export interface LastNorm {
  readonly norm: NormKind;
  /** Logits of a state of zeros. */
  readonly base: Float32Array;
}

/** What the norm divides by. */
export function sizeOf(norm: NormKind, vector: Float32Array): number {
  if (norm === 'none') return 1;
  const mean = norm === 'layer' ? vector.reduce((sum, value) => sum + value, 0) / vector.length : 0;
  return Math.sqrt(vector.reduce((sum, value) => sum + (value - mean) ** 2, 0) / vector.length);
}

/** A string says why direct effects are not to be had. */
export async function readNorm(stage: Pick<LastStage, 'width' | 'room' | 'logits'>, signal: AbortSignal): Promise<LastNorm | string> {
  const { width, room } = stage;
  const [x, y] = [gaussians(width, 11), gaussians(width, 12)];
  const sum = x.map((value, at) => value + (y[at] ?? 0));
  const tried = [new Float32Array(width), x, y, sum, x.map((value) => 2 * value), x.map((value) => value + 1)];
  if (tried.length > room) return 'The file takes too few tokens at a time';
  const vectors = new Float32Array(width * room);
  tried.forEach((vector, at) => vectors.set(vector, at * width));
  const logits = await stage.logits(vectors, signal);
  const vocab = logits.length / room;
  const base = logits.slice(0, vocab);
  const effect = (at: number, scale = 1): Float32Array => base.map((value, id) => ((logits[at * vocab + id] ?? NaN) - value) * scale);
  const norm: NormKind = isNear(effect(4), effect(1, 2)) ? 'none' : isNear(effect(5), effect(1)) ? 'layer' : 'rms';
  const size = (vector: Float32Array): number => sizeOf(norm, vector);
  const [ofX, ofY] = [effect(1, size(x)), effect(2, size(y))];
  // Of the sum the sum, and of twice a vector no more than of it where a norm divides it out: nothing else stands on the way.
  const isLinear = isNear(effect(3, size(sum)), ofX.map((value, id) => value + (ofY[id] ?? 0))) && (norm === 'none' || isNear(effect(4), effect(1)));
  return isLinear ? { norm, base } : 'What stands between the stream and the logits is more than a norm and a matrix';
}

function isNear(a: Float32Array, b: Float32Array): boolean {
  let [difference, largest] = [0, 0];
  a.forEach((value, at) => {
    difference = Math.max(difference, Math.abs(value - (b[at] ?? NaN)));
    largest = Math.max(largest, Math.abs(value));
  });
  return difference <= TOLERANCE * largest;
}
