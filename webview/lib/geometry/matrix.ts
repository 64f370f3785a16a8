/** The measures of one head drawn large. */
import type { Axis } from './axis.ts';

export interface MatrixSpace {
  /** CSS pixels for the cells alone. */
  readonly width: number;
  readonly height: number;
  readonly rows: number;
  readonly cols: number;
  /** 1: the whole pattern is seen. */
  readonly zoom: number;
  readonly devicePixelRatio: number;
}

export interface MatrixSize {
  /** Device pixels. */
  readonly across: Axis;
  readonly down: Axis;
  /** Device pixels that are seen at once. */
  readonly width: number;
  readonly height: number;
  /** Cells are large enough for a line between them. */
  readonly ruled: boolean;
}

/** A cell is not drawn larger than this when all are seen, CSS pixels. */
const LARGEST_CELL = 44;
/** From this many CSS pixels on, a line stands between cells. */
const RULED_CELL = 8;
/** From this many device pixels on, an uneven cell would be seen. */
const EVEN_CELL = 4;

export function matrixSize({ width, height, rows, cols, zoom, devicePixelRatio }: MatrixSpace): MatrixSize {
  const [most, longest] = [Math.max(Math.min(width, height), 1) * devicePixelRatio, Math.max(rows, cols, 1)];
  const cell = fitCell(Math.min(most / longest, LARGEST_CELL * devicePixelRatio));
  const seen = (count: number): number => Math.max(Math.round(cell * count), 1);
  const zoomed = zoom === 1 ? cell : fitCell(cell * zoom);
  return {
    across: { count: cols, size: Math.max(Math.round(zoomed * cols), 1) },
    down: { count: rows, size: Math.max(Math.round(zoomed * rows), 1) },
    width: seen(cols), height: seen(rows),
    ruled: zoomed >= RULED_CELL * devicePixelRatio,
  };
}

const fitCell = (cell: number): number => (cell >= EVEN_CELL ? Math.floor(cell) : cell);

/** The scroll offset that brings a stretch into sight, nearest first; all in the same pixels. */
export function scrollTo(offset: number, seen: number, start: number, length: number): number {
  if (start < offset) return start;
  return start + length > offset + seen ? start + length - seen : offset;
}

/** The scroll offset after a zoom by which the place at a pixel of what is seen stays there, or comes to another; all in the same pixels. */
export function offsetAfterZoom(before: Axis, after: Axis, offset: number, pixel: number, to = pixel): number {
  return ((offset + pixel) / before.size) * after.size - to;
}

/** The largest zoom: about so many items of the longer axis are seen, however many there are. */
const LEAST_SEEN = 4;

export const mostZoom = (rows: number, cols: number): number => Math.max(Math.max(rows, cols) / LEAST_SEEN, 1);
