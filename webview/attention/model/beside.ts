/** Both prompts beside each other: each one's run on the columns of both, so that one cursor, one zoom and one scroll fit the two. Pure. */
import type { AlignedColumn } from '../../../src/shared/align/alignTokens.ts';
import type { LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { columnAt, columnsOf, keyOf, noToken } from './compare.ts';
import type { Difference, Side } from './compare.ts';
import { layerKey, placeOf } from './heads.ts';
import { readTower } from './read.ts';
import type { Run, State } from './state.ts';

/** For each column of both the place in one prompt; null where that has none. */
export type OwnPlaces = readonly (number | null)[];

export interface OwnAxes {
  readonly dest: OwnPlaces;
  readonly source: OwnPlaces;
}

export interface Beside {
  readonly side: Side;
  readonly own: Run;
  readonly difference: Difference;
  /** What rows and columns of each layer's patterns stand for, by its key. */
  readonly axes: ReadonlyMap<string, OwnAxes>;
}

/** Whether both prompts are shown beside each other. */
export const isBeside = ({ compare, run }: State): boolean => compare?.shown === 'side' && run?.difference !== undefined;

/** The state as one of the two sees it, on its own tokens: for what is drawn of all heads. */
export function ownState(state: State, side: Side): State {
  const difference = state.run?.difference;
  return difference ? { ...state, run: difference[side], choice: { ...state.choice, pattern: null } } : state;
}

/** The state as one of the two sees it, on the columns of both: for an opened head. */
export function besideState(state: State, side: Side): State {
  const difference = state.run?.difference;
  return difference ? { ...state, run: besideRun(state, difference, side), view: 'pattern', choice: { ...state.choice, pattern: null } } : state;
}

const made = new WeakMap<Difference, Partial<Record<Side, Run>>>();

/** The same run for the same comparison, so that who draws it knows that nothing is new. */
export function besideRun(state: State, difference: Difference, side: Side): Run {
  const known = made.get(difference) ?? {};
  made.set(difference, known);
  return known[side] ??= spreadRun(state, difference, side);
}

function spreadRun(state: State, difference: Difference, side: Side): Run {
  const own = difference[side];
  const places = (columns: readonly AlignedColumn[] | undefined, count: number): OwnPlaces => (columns ?? Array.from({ length: count }, (_, at) => columnAt(undefined, at))).map((column) => column[keyOf[side]]);
  const towers = Object.fromEntries(Object.entries(difference.towers).map(([name, columns]) => [name, columns.map((column) => own.towers[name]?.[column[keyOf[side]] ?? -1] ?? noToken)]));
  const axes = new Map<string, OwnAxes>();
  const layers = new Map([...own.layers].map(([key, layer]) => {
    const place = placeOf(layer);
    const { dest, source } = columnsOf(difference, place, readTower(state, place));
    const axis = { dest: places(dest, layer.rows), source: places(source, layer.cols) };
    axes.set(key, axis);
    return [key, spreadLayer(layer, axis)];
  }));
  const prompt = Object.keys(difference.towers)[0] ?? '';
  const mask = own.mask && difference.towers[prompt]?.map((column) => own.mask?.[column[keyOf[side]] ?? -1] ?? 1);
  return { ...own, towers, tokens: towers[prompt] ?? [], layers, mask, beside: { side, own, difference, axes } };
}

const NO_KEY = 0xffff;

/** A layer on the columns of both: rows that the prompt has not are empty. */
function spreadLayer(layer: LayerPatterns, { dest, source }: OwnAxes): LayerPatterns {
  const [rows, cols] = [dest.length, source.length];
  // Rows that were sent whole stay so.
  const perRow = layer.perRow >= layer.cols ? cols : layer.perRow;
  const keys = new Uint16Array(layer.heads * rows * perRow).fill(NO_KEY);
  const weights = new Float32Array(keys.length);
  const columnOf = columnsByPlace(source);
  const rowOf = columnsByPlace(dest);
  for (let head = 0; head < layer.heads; head++) {
    dest.forEach((own, row) => {
      if (own === null) return;
      const [from, to] = [(head * layer.rows + own) * layer.perRow, (head * rows + row) * perRow];
      for (let slot = 0; slot < layer.perRow; slot++) {
        const column = columnOf.get(layer.keys[from + slot] ?? NO_KEY);
        if (column === undefined) continue;
        // Whole rows are read by their place.
        const at = to + (perRow === cols ? column : slot);
        keys[at] = column;
        weights[at] = layer.weights[from + slot] ?? 0;
      }
    });
  }
  const nanRows = layer.nanRows.map((row) => Math.floor(row / layer.rows) * rows + (rowOf.get(row % layer.rows) ?? 0));
  return { ...layer, rows, cols, perRow, keys, weights, nanRows };
}

const columnsByPlace = (places: OwnPlaces): ReadonlyMap<number, number> => new Map(places.flatMap((own, column) => (own === null ? [] : [[own, column] as const])));

/** A whole head on the columns of both; 0 where the prompt has no such cell. */
export function spreadTile({ cols, values }: PatternTile, { dest, source }: OwnAxes): PatternTile {
  const spread = new Float32Array(dest.length * source.length);
  dest.forEach((row, at) => source.forEach((col, along) => {
    if (row !== null && col !== null) spread[at * source.length + along] = values[row * cols + col] ?? NaN;
  }));
  return { rows: dest.length, cols: source.length, values: spread };
}

/** The own axes of an opened head; undefined where no two prompts stand beside each other. */
export const ownAxes = ({ run, head }: State): OwnAxes | undefined => (head ? run?.beside?.axes.get(layerKey(head)) : undefined);
