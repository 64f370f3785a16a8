/** The pictures of a result: one a site, or one a layer where heads stand at positions, or where neurons are folded into lines. All of one result lie on one grid. */
import type { Axis, ExperimentFrame, Grid } from '../../../src/shared/experiment/result.ts';

export interface Picture {
  /** "z", "L3"; empty where there is one picture. */
  readonly title: string;
  readonly rows: Axis;
  readonly columns: Axis;
  /** Index of its first cell. */
  readonly first: number;
  /** How many cells it has: the last line of what is folded may be shorter. */
  readonly count: number;
}

export function picturesOf({ grids }: Pick<ExperimentFrame, 'grids'>): readonly Picture[] {
  const isOne = grids.length === 1;
  return grids.flatMap((grid) => {
    const named = (title: string): string => (isOne ? title : `${grid.site} ${title}`);
    if (grid.rows.name === 'head' && grid.columns.name === 'position') return layersOfHeads(grid).map((picture) => ({ ...picture, title: named(picture.title) }));
    if (grid.columns.name === 'neuron' && grid.columns.labels.length > FOLD) return foldedLayers(grid).map((picture) => ({ ...picture, title: named(picture.title) }));
    return [{ title: isOne ? '' : grid.site, rows: grid.rows, columns: grid.columns, first: grid.first, count: grid.rows.labels.length * grid.columns.labels.length }];
  });
}

/** Rows of heads (`L3H4`), layer by layer. */
function layersOfHeads({ rows, columns, first }: Grid): readonly Picture[] {
  const found: { layer: string; from: number; labels: string[] }[] = [];
  for (const [index, label] of rows.labels.entries()) {
    const [, layer = '', head = label] = /^(.*\d)(H\d+)$/.exec(label) ?? [];
    const last = found.at(-1);
    if (last?.layer === layer) last.labels.push(head);
    else found.push({ layer, from: index, labels: [head] });
  }
  const width = columns.labels.length;
  return found.map(({ layer, from, labels }) => ({ title: layer, rows: { name: 'head', labels }, columns, first: first + from * width, count: labels.length * width }));
}

/** Neurons of a line: a layer's strip is folded, as a text is. */
const FOLD = 64;

function foldedLayers({ rows, columns, first }: Grid): readonly Picture[] {
  const count = columns.labels.length;
  const starts = Array.from({ length: Math.ceil(count / FOLD) }, (_, line) => String(line * FOLD));
  const across: Axis = { name: 'all', labels: Array.from({ length: FOLD }, (_, at) => `+${at}`) };
  return rows.labels.map((layer, row) => ({ title: `L${layer}`, rows: { name: 'neuron', labels: starts }, columns: across, first: first + row * count, count }));
}

export interface Place {
  readonly picture: number;
  readonly row: number;
  readonly col: number;
}

/** Null behind the end of what is folded. */
export function cellIndex({ first, count, columns }: Picture, row: number, col: number): number | null {
  const at = row * columns.labels.length + col;
  return at < count ? first + at : null;
}

/** Where a cell is drawn; undefined where it is in no picture. */
export function placeOf(pictures: readonly Picture[], cell: number): Place | undefined {
  const picture = pictures.findIndex(({ first, count }) => cell >= first && cell < first + count);
  const found = pictures[picture];
  if (!found) return undefined;
  const width = found.columns.labels.length;
  return { picture, row: Math.floor((cell - found.first) / width), col: (cell - found.first) % width };
}
