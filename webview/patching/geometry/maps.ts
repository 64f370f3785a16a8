/** The measures of heat maps that lie on one grid. */
import type { Axis } from '../../lib/geometry/axis.ts';

export interface MapsSpace {
  /** CSS pixels that all maps beside each other may take, without the labels of rows. */
  readonly width: number;
  /** CSS pixels that are seen at once, without the labels of columns. */
  readonly height: number;
  readonly maps: number;
  readonly rows: number;
  readonly cols: number;
  readonly devicePixelRatio: number;
}

export interface MapsSize {
  /** Maps beside each other. */
  readonly perLine: number;
  /** Of one map, device pixels. */
  readonly across: Axis;
  readonly down: Axis;
  /** Cells are large enough for a line between them. */
  readonly ruled: boolean;
}

/** CSS pixels. */
export const GAP = 16;
export const TITLE = 22;
/** A cell is not drawn larger than this. */
const [WIDEST, TALLEST] = [44, 28];
/** Below this several maps stand one under the other. */
const COMFORTABLE = 10;
/** A narrower cell cannot be pointed at: the maps are scrolled. */
const NARROWEST = 3;
/** A cell is at least so tall, and tall enough for its row's label where all maps are seen then. */
const [SHORTEST, LEGIBLE] = [8, 14];
/** From this many CSS pixels on, a line stands between cells. */
const RULED = 6;

/** As few maps beside each other as let all be seen at once, with cells as large as that allows. */
export function mapsSize(space: MapsSpace): MapsSize {
  const counts = Array.from({ length: Math.max(space.maps, 1) }, (_, index) => index + 1);
  const fitting = counts.find((perLine) => heightOf(space, perLine) <= space.height && cellWidth(space, perLine) >= COMFORTABLE);
  const perLine = fitting ?? counts.findLast((count) => cellWidth(space, count) >= COMFORTABLE) ?? 1;
  const [width, height] = [cellWidth(space, perLine), cellHeight(space, perLine)];
  return { perLine, across: axis(space.cols, width, space), down: axis(space.rows, height, space), ruled: width >= RULED && height >= RULED };
}

const cellWidth = ({ width, cols }: MapsSpace, perLine: number): number =>
  Math.min(Math.max((width - (perLine - 1) * GAP) / perLine / Math.max(cols, 1), NARROWEST), WIDEST);

function cellHeight(space: MapsSpace, perLine: number): number {
  const lines = Math.ceil(space.maps / perLine);
  const room = (space.height - lines * titleOf(space)) / (lines * Math.max(space.rows, 1));
  return Math.min(Math.max(cellWidth(space, perLine), SHORTEST, Math.min(room, LEGIBLE)), TALLEST);
}

const titleOf = ({ maps }: MapsSpace): number => (maps > 1 ? TITLE : 0);

const heightOf = (space: MapsSpace, perLine: number): number => Math.ceil(space.maps / perLine) * (space.rows * cellHeight(space, perLine) + titleOf(space));

/** Cells of a whole number of device pixels, unless they are so small that this would cost much of the room. */
function axis(count: number, cell: number, { devicePixelRatio }: MapsSpace): Axis {
  const device = cell * devicePixelRatio;
  return { count, size: Math.max(Math.round((device >= COMFORTABLE ? Math.floor(device) : device) * count), 1) };
}
