/** Groups of directions: k-means by cosine from points that lie far from each other, with as many groups as their silhouettes ask for. */

/** More groups than this are not looked for. */
const MOST = 6;
const ROUNDS = 6;
/** Below this mean silhouette nothing is told apart (Kaufman and Rousseeuw 1990: up to 0.25 "no substantial structure"). */
const LEAST_SILHOUETTE = 0.25;
/** Points that a group must have on average. */
const PER_GROUP = 3;

export interface Clusters {
  readonly count: number;
  /** By point. */
  readonly group: Uint8Array;
  /** [count, width], of length 1. */
  readonly centres: Float32Array;
}

/** `points` are [n, width], of length 1. The same for the same points. */
export function cluster(points: Float32Array, width: number): Clusters {
  const count = points.length / width;
  const far = distances(points, width);
  let best = whole(points, width);
  let silhouette = LEAST_SILHOUETTE;
  for (let groups = 2; groups <= MOST && groups * PER_GROUP <= count; groups++) {
    const made = kMeans(points, width, seeds(far, count, groups));
    const found = meanSilhouette(far, made, count);
    if (found <= silhouette) continue;
    best = made;
    silhouette = found;
  }
  return best;
}

/** The centre that the point from `from` on is closest to. */
export function nearest(centres: Float32Array, points: Float32Array, from: number, width: number): number {
  let best = 0;
  let most = -Infinity;
  for (let start = 0; start < centres.length; start += width) {
    const product = dot(centres, start, points, from, width);
    if (product > most) {
      most = product;
      best = start;
    }
  }
  return best / width;
}

/** In four sums, which a processor adds at once; `width` is a multiple of four. */
export function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, width: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let at = 0; at < width; at += 4) {
    first += (a[fromA + at] as number) * (b[fromB + at] as number);
    second += (a[fromA + at + 1] as number) * (b[fromB + at + 1] as number);
    third += (a[fromA + at + 2] as number) * (b[fromB + at + 2] as number);
    fourth += (a[fromA + at + 3] as number) * (b[fromB + at + 3] as number);
  }
  return first + second + third + fourth;
}

function whole(points: Float32Array, width: number): Clusters {
  const group = new Uint8Array(points.length / width);
  return { count: 1, group, centres: centresOf(points, width, group, 1) };
}

/** 1 - cosine of each two points. */
function distances(points: Float32Array, width: number): Float32Array {
  const count = points.length / width;
  const far = new Float32Array(count * count);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      far[a * count + b] = far[b * count + a] = 1 - dot(points, a * width, points, b * width, width);
    }
  }
  return far;
}

/** The first point, then always the one that is farthest from those before it. */
function seeds(far: Float32Array, count: number, groups: number): readonly number[] {
  const chosen = [0];
  const least = far.slice(0, count);
  while (chosen.length < groups) {
    let next = 0;
    for (let point = 1; point < count; point++) if ((least[point] as number) > (least[next] as number)) next = point;
    chosen.push(next);
    for (let point = 0; point < count; point++) least[point] = Math.min(least[point] as number, far[next * count + point] as number);
  }
  return chosen;
}

function kMeans(points: Float32Array, width: number, from: readonly number[]): Clusters {
  const count = points.length / width;
  const group = new Uint8Array(count).fill(255);
  let centres = new Float32Array(from.length * width);
  from.forEach((point, at) => centres.set(points.subarray(point * width, (point + 1) * width), at * width));
  for (let round = 0; round < ROUNDS; round++) {
    let changed = false;
    for (let point = 0; point < count; point++) {
      const best = nearest(centres, points, point * width, width);
      if (group[point] !== best) changed = true;
      group[point] = best;
    }
    if (!changed) break;
    centres = centresOf(points, width, group, from.length);
  }
  return { count: from.length, group, centres };
}

function centresOf(points: Float32Array, width: number, group: Uint8Array, count: number): Float32Array<ArrayBuffer> {
  const centres = new Float32Array(count * width);
  group.forEach((own, point) => {
    for (let at = 0; at < width; at++) centres[own * width + at] = (centres[own * width + at] as number) + (points[point * width + at] as number);
  });
  for (let at = 0; at < count; at++) normalise(centres.subarray(at * width, (at + 1) * width));
  return centres;
}

/** To length 1, in place; zeros stay. */
export function normalise(vector: Float32Array): void {
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (sum === 0) return;
  const scale = 1 / Math.sqrt(sum);
  for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] as number) * scale;
}

function meanSilhouette(far: Float32Array, { count: groups, group }: Clusters, count: number): number {
  const sizes = new Float64Array(groups);
  for (const own of group) sizes[own] = (sizes[own] as number) + 1;
  const sums = new Float64Array(groups);
  let total = 0;
  for (let point = 0; point < count; point++) {
    sums.fill(0);
    for (let other = 0; other < count; other++) sums[group[other] as number] = (sums[group[other] as number] as number) + (far[point * count + other] as number);
    const own = group[point] as number;
    if (sizes[own] === 1) continue;
    const within = (sums[own] as number) / ((sizes[own] as number) - 1);
    let between = Infinity;
    for (let other = 0; other < groups; other++) if (other !== own && (sizes[other] as number) > 0) between = Math.min(between, (sums[other] as number) / (sizes[other] as number));
    const most = Math.max(within, between);
    if (most > 0 && Number.isFinite(most)) total += (between - within) / most;
  }
  return total / count;
}
