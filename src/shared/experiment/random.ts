/** Random numbers that a seed decides, the same in every language that an experiment is written out in. */

/** mulberry32 (Tommy Ettinger): uniform in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal deviates by Box and Muller (1958), both of each two. */
export function normals(count: number, seed: number): Float32Array {
  const uniform = mulberry32(seed);
  const values = new Float32Array(count);
  for (let index = 0; index < count; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    values[index] = radius * Math.cos(angle);
    if (index + 1 < count) values[index + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** For each of `count` things another one, each taken once: a shuffled round. */
export function derangement(count: number, seed: number): readonly number[] {
  const uniform = mulberry32(seed);
  const round = Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = Math.floor(uniform() * (index + 1));
    [round[index], round[other]] = [round[other] ?? 0, round[index] ?? 0];
  }
  const next: number[] = [];
  round.forEach((from, index) => (next[from] = round[(index + 1) % count] ?? 0));
  return next;
}
