/** The size of one head's picture in the grid of all heads. */

export interface GridSpace {
  /** CSS pixels that the heads of one row may take, without the row's label. */
  readonly width: number;
  /** CSS pixels that are seen at once. */
  readonly height: number;
  readonly heads: number;
  readonly layers: number;
  readonly devicePixelRatio: number;
}

/** Device pixels between two heads: a whole number, about one CSS pixel. */
export const gapPixels = (devicePixelRatio: number): number => Math.max(Math.round(devicePixelRatio), 1);
const SMALLEST = 20;
/** From this size on, it is worth having all layers on the screen at once. */
const COMFORTABLE = 120;
/** Larger than this only where all layers still fit. */
const LARGEST = 240;

/** Side of a head in CSS pixels, a whole number of device pixels: as large as the space allows. */
export function headSide({ width, height, heads, layers, devicePixelRatio }: GridSpace): number {
  const gap = gapPixels(devicePixelRatio) / devicePixelRatio;
  const byWidth = width / Math.max(heads, 1) - gap;
  const byHeight = height / Math.max(layers, 1) - gap;
  const side = Math.max(Math.min(byWidth, byHeight >= COMFORTABLE ? byHeight : LARGEST), SMALLEST);
  return Math.floor(side * devicePixelRatio) / devicePixelRatio;
}
