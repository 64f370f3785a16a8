/**
 * The direction of a token: what a vector in the stream adds to its logit while the final norm's scale is held fixed. Norm and unembedding are linear
 * then, and the parts of a state add up to its logit (Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits").
 *
 * Found without reading a weight: each axis of the stream goes through the model's own last stage, and what the norm divides by there is known.
 */
import { CogscopeError } from '../../../shared/errors.ts';
import { readNorm, sizeOf } from '../../neurons/effects/normKind.ts';
import type { LastNorm } from '../../neurons/effects/normKind.ts';
import type { ModelSession } from '../../session.ts';
import type { Tail } from './tail.ts';

export interface Directions extends LastNorm {
  /** Of each token that was asked for, [width]: for a norm that divides by 1. */
  readonly of: ReadonlyMap<number, Float64Array>;
}

/** Of a state: large, so that the norm's epsilon is nothing beside it; squares of it must still fit into half precision. */
const SIZE = 64;
const HALF_SIZE = 1;

/** Vectors that {@link readNorm} tries. */
const TRIED = 6;

/** They belong to the file, not to a run: an open model keeps those that were asked for. */
const known = new WeakMap<ModelSession, { readonly last: LastNorm; readonly of: Map<number, Float64Array> }>();

/** Throws 'refused' where what stands behind the stream is more than a norm and a matrix. */
export async function directionsOf(session: ModelSession, tail: Tail, ids: readonly number[], told: (done: number, of: number) => void, signal: AbortSignal): Promise<Directions> {
  const last = await lastNormOf(session, tail, signal);
  const kept = known.get(session) ?? { last, of: new Map<number, Float64Array>() };
  const missing = ids.filter((id) => !kept.of.has(id));
  if (missing.length > 0) {
    const { norm, base } = kept.last;
    const { width } = tail;
    const made = missing.map((id) => [id, new Float64Array(width)] as const);
    const axis = new Float32Array(width);
    axis[0] = 1;
    const own = sizeOf(norm, axis);
    const height = norm === 'none' ? 1 : sizeFor(session) / own;
    // A few axes at a time: all of them would be width times width.
    const step = Math.max(1, Math.floor((1 << 22) / width));
    for (let from = 0; from < width; from += step) {
      const count = Math.min(step, width - from);
      const vectors = new Float32Array(count * width);
      for (let at = 0; at < count; at++) vectors[at * width + from + at] = height;
      await tail.each(vectors, signal, (index, logits) => {
        for (const [id, direction] of made) direction[from + index] = ((logits[id] ?? NaN) - (base[id] ?? NaN)) * own;
        told(from + index + 1, width);
      });
    }
    for (const [id, direction] of made) kept.of.set(id, direction);
  }
  return { ...kept.last, of: kept.of };
}

/** Throws as {@link directionsOf}. */
export async function lastNormOf(session: ModelSession, tail: Tail, signal: AbortSignal): Promise<LastNorm> {
  const kept = known.get(session);
  if (kept) return kept.last;
  const read = await readNorm({ width: tail.width, room: TRIED, logits: (vectors) => tail.logits(vectors, signal) }, signal);
  if (typeof read === 'string') throw new CogscopeError('refused', `${read}, so that a logit is no sum over the model’s parts`, 'The logit lens shows its states as tokens nevertheless');
  known.set(session, { last: read, of: new Map() });
  return read;
}

/** How large a vector is made before it goes through the norm. */
export const sizeFor = (session: ModelSession): number => (session.isHalf ? HALF_SIZE : SIZE);

export interface Scaled {
  /** [count]: what the norm divides each state by. */
  readonly scale: Float64Array;
  /** [count] for each id. */
  readonly logits: ReadonlyMap<number, Float32Array>;
}

/**
 * What the final norm divides each of these states by, its epsilon included: the same state goes through the last stage as it is and enlarged, and
 * all logits together say how the two scales differ.
 */
export async function scalesOf(session: ModelSession, tail: Tail, { norm, base }: LastNorm, states: Float32Array, ids: readonly number[], signal: AbortSignal): Promise<Scaled> {
  const { width } = tail;
  const count = states.length / width;
  const size = (at: number): number => sizeOf(norm, states.subarray(at * width, (at + 1) * width));
  const scale = new Float64Array(count).fill(1);
  const logits = new Map(ids.map((id) => [id, new Float32Array(count)]));
  const pairs = new Float32Array(2 * states.length);
  for (let at = 0; at < count; at++) {
    const own = states.subarray(at * width, (at + 1) * width);
    pairs.set(own, 2 * at * width);
    pairs.set(norm === 'none' ? own : own.map((value) => (value * sizeFor(session)) / size(at)), (2 * at + 1) * width);
  }
  let first: Float32Array = new Float32Array();
  await tail.each(pairs, signal, (index, row) => {
    const at = Math.floor(index / 2);
    if (index % 2 === 0) {
      first = row.slice();
      for (const [id, values] of logits) values[at] = row[id] ?? NaN;
      return;
    }
    let [dot, squares] = [0, 0];
    row.forEach((logit, id) => {
      const plain = (first[id] ?? NaN) - (base[id] ?? NaN);
      dot += (logit - (base[id] ?? NaN)) * plain;
      squares += plain * plain;
    });
    scale[at] = norm === 'none' ? 1 : (size(at) * dot) / squares;
  });
  return { scale, logits };
}
