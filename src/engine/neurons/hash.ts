/** Chance that is the same in every run: a hash of what it is drawn for. */

/** 32 bits, well mixed (murmur's finish over a sum). */
export function mix(a: number, b: number, c = 0): number {
  let h = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b) ^ Math.imul(c + 0x165667b1, 0xc2b2ae35)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Of some ids up to and with `end`: two contexts with the same last tokens are the same context. */
export function contextHash(ids: Uint32Array, end: number, back: number): number {
  let h = 0x811c9dc5;
  for (let at = Math.max(0, end - back); at <= end; at++) h = Math.imul(h ^ (ids[at] ?? 0), 0x01000193) ^ (h >>> 15);
  return h >>> 0;
}

/** Numbers of the normal distribution (Box and Muller), the same for the same seed. */
export function gaussians(count: number, seed: number): Float32Array {
  const values = new Float32Array(count);
  for (let at = 0; at < count; at++) {
    const [u, v] = [(mix(seed, at, 1) + 1) / 2 ** 32, mix(seed, at, 2) / 2 ** 32];
    values[at] = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  }
  return values;
}
