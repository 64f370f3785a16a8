/** The pictures of a result: one a site, or where heads stand at positions one a layer. All of one result lie on one grid. */
import type { Axis, ExperimentFrame, Grid } from '../../../src/shared/experiment/result.ts';

export interface Picture {
  /** "z", "L3"; empty where there is one picture. */
  readonly title: string;
  readonly site: string;
  readonly rows: Axis;
  readonly columns: Axis;
  /** Index of its first cell. */
  readonly first: number;
}

export function picturesOf({ grids }: Pick<ExperimentFrame, 'grids'>): readonly Picture[] {
  const isOne = grids.length === 1;
  return grids.flatMap((grid) => {
    const layers = layersOf(grid);
    if (!layers) return [{ ...grid, title: isOne ? '' : grid.site }];
    return layers.map(({ layer, from, labels }): Picture => ({
      site: grid.site, title: isOne ? layer : `${grid.site} ${layer}`, columns: grid.columns,
      rows: { name: 'head', labels }, first: grid.first + from * grid.columns.labels.length,
    }));
  });
}

/** Rows of heads (`L3H4`), layer by layer; undefined for any other rows. */
function layersOf({ rows, columns }: Grid): readonly { readonly layer: string; readonly from: number; readonly labels: readonly string[] }[] | undefined {
  if (rows.name !== 'head' || columns.name !== 'position') return undefined;
  const found: { layer: string; from: number; labels: string[] }[] = [];
  for (const [index, label] of rows.labels.entries()) {
    const [, layer = '', head = label] = /^(.*\d)(H\d+)$/.exec(label) ?? [];
    const last = found.at(-1);
    if (last?.layer === layer) last.labels.push(head);
    else found.push({ layer, from: index, labels: [head] });
  }
  return found;
}

export interface Place {
  readonly picture: number;
  readonly row: number;
  readonly col: number;
}

export const cellIndex = (picture: Picture, row: number, col: number): number => picture.first + row * picture.columns.labels.length + col;

/** Where a cell is drawn; undefined where it is in no picture. */
export function placeOf(pictures: readonly Picture[], cell: number): Place | undefined {
  const picture = pictures.findIndex(({ first, rows, columns }) => cell >= first && cell < first + rows.labels.length * columns.labels.length);
  const found = pictures[picture];
  if (!found) return undefined;
  const width = found.columns.labels.length;
  return { picture, row: Math.floor((cell - found.first) / width), col: (cell - found.first) % width };
}
