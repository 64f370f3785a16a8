/** The elements of generated weights: cheap, seeded by name, the same on every machine. */
import { INT64 } from './graphBuilder.ts';
import type { WeightSpec } from './graphBuilder.ts';

/** Elements made at a time: 4 MB of floats. */
const CHUNK = 1 << 20;

export const elementsOf = (weight: WeightSpec): number => weight.dims.reduce((product, dim) => product * dim, 1);
export const bytesOf = (weight: WeightSpec): number => elementsOf(weight) * (weight.dataType === INT64 ? 8 : 4);

/** The weight's bytes, little-endian, in chunks. */
export function* fill(weight: WeightSpec): Generator<Uint8Array> {
  if (weight.fill.kind === 'values') {
    const { values } = weight.fill;
    const data = weight.dataType === INT64 ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
    yield new Uint8Array(data.buffer);
    return;
  }
  const { centre, spread } = weight.fill;
  const scale = spread / 2 ** 31;
  let state = seedOf(weight.name);
  for (let left = elementsOf(weight); left > 0; left -= CHUNK) {
    const chunk = new Float32Array(Math.min(left, CHUNK));
    for (let index = 0; index < chunk.length; index++) {
      // Marsaglia's xorshift, 32 bits.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      chunk[index] = centre + state * scale;
    }
    yield new Uint8Array(chunk.buffer);
  }
}

/** FNV-1a; never zero, from which xorshift would not move. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash || 1;
}
