/** Where heads are looked at: from one position to another, as patterns that attention is held against. */
import type { Detection } from '../scores/detections.ts';

export interface Glance {
  readonly dest: number;
  readonly src: number;
}

export function detectionAt(size: number, glances: readonly Glance[]): Detection {
  const cells = Uint32Array.from(glances, ({ dest, src }) => dest * size + src).sort();
  return { size, cells, weights: new Float32Array(cells.length).fill(1) };
}

/** For each cell another position that attention could go to, drawn anew; cells that have no other are left out. */
export function elsewhere({ size, cells }: Detection, uniform: () => number): Detection {
  return detectionAt(size, [...cells].flatMap((cell) => {
    const [dest, src] = [Math.floor(cell / size), cell % size];
    const other = Math.floor(uniform() * dest);
    return dest === 0 ? [] : [{ dest, src: other < src ? other : other + 1 }];
  }));
}
