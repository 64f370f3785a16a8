/**
 * One axis of a picture: `count` items over `size` pixels. Where the pixels do not divide evenly, neighbours differ by one
 * pixel; where there are more items than pixels, several items share one. Row and column axes of one size
 * round alike, so a diagonal stays a diagonal.
 */
export interface Axis {
  readonly count: number;
  /** Device pixels. */
  readonly size: number;
}

/** The first pixel of an item; of `count`, the end. */
export const edge = (axis: Axis, index: number): number => Math.floor((index * axis.size) / axis.count + 0.5);

/** The item under a pixel, clamped to the axis. */
export function itemAt(axis: Axis, pixel: number): number {
  const item = Math.ceil(((Math.floor(pixel) + 0.5) * axis.count) / axis.size) - 1;
  return Math.min(Math.max(item, 0), Math.max(axis.count - 1, 0));
}

/** Pixels from an item's first to its last; at least one, so that a mark on it can be seen. */
export function span(axis: Axis, index: number): { readonly start: number; readonly length: number } {
  const start = Math.min(edge(axis, index), Math.max(axis.size - 1, 0));
  return { start, length: Math.max(edge(axis, index + 1) - start, 1) };
}

/** Steps in which labels thin out. */
const niceSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/** Every how many items a label stands, so that labels are at least `room` pixels apart. */
export function labelStep(axis: Axis, room: number): number {
  const pitch = axis.size / Math.max(axis.count, 1);
  return niceSteps.find((step) => step * pitch >= room) ?? axis.count;
}
