/** The cells of a sweep: grids as they are drawn, and what each cell edits. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { By, SweepOf } from '../../../shared/experiment/experiment.ts';
import type { Axis, Grid } from '../../../shared/experiment/result.ts';
import type { TokenInfo } from '../../../shared/protocol/engineApi.ts';
import type { Selection } from '../../analysis/slab.ts';
import { atomSizes } from '../../anatomy/canonical.ts';
import type { Tower } from '../../anatomy/types.ts';
import type { Value } from '../../onnx/graph.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { ModelSession } from '../../session.ts';
import type { TowerTokens } from '../prompt.ts';
import { cellAddress, sitePlaces } from './sites.ts';
import type { SitePlace } from './sites.ts';

export interface Cell {
  readonly place: SitePlace;
  readonly at: Selection;
}

/** One grid and what its cells edit; undefined where a layer has no such cell. */
export interface CellGrid {
  readonly grid: Grid;
  readonly places: readonly SitePlace[];
  /** By place in the grid, row-major. */
  readonly cells: readonly (Cell | undefined)[];
  readonly addresses: readonly string[];
}

/** Weights of patterns alone come to so many; a cell takes some hundred bytes on its way to the eye. */
const MOST_CELLS = 1 << 20;

/** The places that a sweep edits, by tower and site. */
export function sweepPlaces(session: ModelSession, { sites, by, layers }: SweepOf): readonly (readonly SitePlace[])[] {
  const towers = session.anatomy.towers.filter((tower) => tower.blocks.length > 0 && tower.ids !== null);
  const [tower] = towers;
  if (!tower) throw new CogscopeError('refused', 'This model has no layers that Cogscope can read', 'Look at what was refused with "cogscope inspect"');
  return towers.flatMap((one) => sites.map((site) => sitePlaces(session, one, site, by, layers)));
}

interface Measured {
  /** A run that kept every place. */
  readonly kept: ReadonlyMap<Value, Tensor>;
  readonly tokens: TowerTokens;
  readonly severalTowers: boolean;
  /** Tokens are drawn by number where pairs differ in more than these. */
  readonly labels: (tower: Tower) => readonly string[];
}

/** Grids of places, one behind the other. */
export function gridsOf(groups: readonly (readonly SitePlace[])[], by: By, measured: Measured): readonly CellGrid[] {
  const grids: CellGrid[] = [];
  let first = 0;
  for (const places of groups) {
    for (const build of by === 'head-dest-src' ? weightGrids(places, measured) : [(from: number) => gridOf(places, by, measured, from)]) {
      const grid = build(first);
      first += grid.cells.length;
      if (first > MOST_CELLS) throw new CogscopeError('usage', `The experiment has more than ${MOST_CELLS.toLocaleString('en')} cells`, 'Name some of the layers, give shorter prompts, or patch whole heads');
      grids.push(grid);
    }
  }
  return grids;
}

/** A picture a head, as patterns are drawn: destinations down, sources across. */
function weightGrids(places: readonly SitePlace[], measured: Measured): readonly ((first: number) => CellGrid)[] {
  return places.flatMap((place) => Array.from({ length: lengthOf(place, 'head', measured) }, (_, head) => (first: number): CellGrid => {
    const labels = measured.labels(place.entry.tower);
    const cells = labels.flatMap((_row, position) => labels.map((_column, source): Cell => ({ place, at: { head, position, source } })));
    const addresses = cells.map(({ at }) => cellAddress(place, 'head-dest-src', at));
    return { grid: { site: cellAddress(place, 'head', { head }), rows: { name: 'destination', labels }, columns: { name: 'source', labels }, first }, places: [place], cells, addresses };
  }));
}

function gridOf(places: readonly SitePlace[], by: Exclude<By, 'head-dest-src'>, measured: Measured, first: number): CellGrid {
  const [place] = places;
  const site = `${measured.severalTowers && place ? `${place.entry.tower.name}.` : ''}${place?.site ?? ''}`;
  const labels = place ? measured.labels(place.entry.tower) : [];
  const layers: Axis = { name: 'layer', labels: places.map(({ layer }) => String(layer)) };
  const counted = (one: SitePlace, axis: 'head' | 'neuron'): number => lengthOf(one, axis, measured);
  const numbers = (name: 'head' | 'neuron'): Axis => ({ name, labels: Array.from({ length: Math.max(...places.map((one) => counted(one, name))) }, (_, index) => String(index)) });
  const positions: Axis = { name: 'position', labels };
  const build = (rows: Axis, columns: Axis, cell: (row: number, column: number) => Cell | undefined): CellGrid => {
    const cells = rows.labels.flatMap((_, row) => columns.labels.map((_column, column) => cell(row, column)));
    return { grid: { site, rows, columns, first }, places, cells, addresses: cells.map((one) => (one ? cellAddress(one.place, by, one.at) : '')) };
  };
  const at = (row: number, selection: Selection): Cell | undefined => (places[row] ? { place: places[row], at: selection } : undefined);
  switch (by) {
    case 'layer':
      return build(layers, { name: 'all', labels: ['all'] }, (row) => at(row, {}));
    case 'position':
      return build(layers, positions, (row, position) => at(row, { position }));
    case 'head':
      return build(layers, numbers('head'), (row, head) => (places[row] && head < counted(places[row], 'head') ? at(row, { head }) : undefined));
    case 'neuron':
      return build(layers, numbers('neuron'), (row, neuron) => (places[row] && neuron < counted(places[row], 'neuron') ? at(row, { neuron }) : undefined));
    case 'head-position': {
      const heads = places.flatMap((one, row) => Array.from({ length: counted(one, 'head') }, (_, head) => ({ row, head, label: `L${one.layer}H${head}` })));
      return build({ name: 'head', labels: heads.map(({ label }) => label) }, positions, (row, position) => {
        const head = heads[row];
        return head && at(head.row, { head: head.head, position });
      });
    }
    default:
      return by satisfies never;
  }
}

/** Heads or neurons of a place, as a run gave it. */
function lengthOf({ entry }: SitePlace, axis: 'head' | 'neuron', { kept, tokens }: Measured): number {
  const tensor = kept.get(entry.place.value);
  if (!tensor) throw new CogscopeError('internal', `${entry.address} was not kept`);
  const sizes = atomSizes(tensor.dims, entry.place, { batch: 1, pos: tokens.get(entry.tower.name)?.length ?? null });
  return (axis === 'head' ? sizes.get('head') ?? sizes.get('kv') : sizes.get('neuron')) ?? 0;
}

/** Labels of positions: the tokens where all pairs have the same, else numbers. */
export function positionLabels(prompts: readonly (readonly TokenInfo[])[]): readonly string[] {
  const [first = []] = prompts;
  return first.map((token, index) => (prompts.every((tokens) => tokens[index]?.id === token.id) ? token.text : String(index)));
}
