/** Arrow keys among the cells of heat maps: from the edge of one on into the next. */
import type { Picture, Place } from '../model/pictures.ts';

/** Of a keyboard event, as far as it matters here. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

export interface Laid {
  readonly pictures: readonly Picture[];
  /** Lines of maps, by the number of their first one. */
  readonly groups: readonly { readonly first: number; readonly count: number; readonly perLine: number }[];
}

const PAGE = 10;

interface Edges {
  readonly rows: number;
  readonly cols: number;
}

const moves: Readonly<Record<string, (at: Place, edges: Edges) => readonly [row: number, col: number]>> = {
  ArrowLeft: ({ row, col }) => [row, col - 1],
  ArrowRight: ({ row, col }) => [row, col + 1],
  ArrowUp: ({ row, col }) => [row - 1, col],
  ArrowDown: ({ row, col }) => [row + 1, col],
  Home: ({ row }) => [row, 0],
  End: ({ row }, { cols }) => [row, cols - 1],
  PageUp: ({ row, col }) => [Math.max(row - PAGE, 0), col],
  PageDown: ({ row, col }, { rows }) => [Math.min(row + PAGE, rows - 1), col],
};

/** Where a key leads; null where it is none of these. */
export function stepMap(event: KeyPress, from: Place | null, laid: Laid): Place | null {
  const move = event.ctrlKey || event.altKey || event.metaKey ? undefined : moves[event.key];
  const [first] = laid.pictures;
  if (!move || !first) return null;
  if (!from) return { picture: 0, row: 0, col: 0 };
  const picture = laid.pictures[from.picture] ?? first;
  const edges = edgesOf(picture);
  const [row, col] = move(from, edges);
  if (row >= 0 && row < edges.rows && col >= 0 && col < edges.cols) return { picture: from.picture, row, col };
  return across(from, { row, col }, laid) ?? from;
}

const edgesOf = (picture: Picture): Edges => ({ rows: picture.rows.labels.length, cols: picture.columns.labels.length });

/** Over an edge: into the map that is drawn there. */
function across(from: Place, { row, col }: Pick<Place, 'row' | 'col'>, { pictures, groups }: Laid): Place | undefined {
  const group = groups.find(({ first, count }) => from.picture >= first && from.picture < first + count);
  const current = pictures[from.picture];
  if (!group || !current) return undefined;
  const edges = edgesOf(current);
  const at = from.picture - group.first;
  const isSideways = col < 0 || col >= edges.cols;
  const step = isSideways ? Math.sign(col < 0 ? -1 : 1) : (row < 0 ? -1 : 1) * group.perLine;
  const isOtherLine = isSideways && Math.floor((at + step) / group.perLine) !== Math.floor(at / group.perLine);
  const inside = at + step >= 0 && at + step < group.count && !isOtherLine;
  const next = inside ? from.picture + step : isSideways ? -1 : row < 0 ? group.first - 1 : group.first + group.count;
  const picture = pictures[next];
  if (!picture) return undefined;
  const { rows, cols } = edgesOf(picture);
  return {
    picture: next,
    row: isSideways ? Math.min(row, rows - 1) : row < 0 ? rows - 1 : 0,
    col: isSideways ? (col < 0 ? cols - 1 : 0) : Math.min(col, cols - 1),
  };
}
