/** Heads of a model in order, and their addresses. */
import { headAddress, parseShort } from '../../../src/shared/addresses.ts';
import type { LayerPatterns } from '../../../src/shared/protocol/engineApi.ts';
import type { ModelSummary, TowerSummary } from '../../../src/shared/summary.ts';

export interface Head {
  /** Name of the tower, without the dot of its prefix. */
  readonly tower: string;
  readonly layer: number;
  readonly head: number;
}

export const addressOf = (head: Head): string => headAddress(head.tower, head.layer, head.head);
export const sameHead = (a: Head | null, b: Head | null): boolean =>
  a === b || (a !== null && b !== null && a.tower === b.tower && a.layer === b.layer && a.head === b.head);

export const layerKey = (tower: string, layer: number): string => `${tower}|${layer}`;
/** Patterns name a tower by its address prefix ("enc."), summaries by its name ("enc"). */
export const towerName = (prefix: string): string => prefix.replace(/\.$/, '');

export interface GridRow {
  readonly tower: string;
  readonly layer: number;
  /** Heads of the layer's attention; 0: it has none, or none that is understood; null: unknown until run. */
  readonly heads: number | null;
}

/** The rows of a tower's grid, before and while patterns arrive; `withdrawn` are layers whose attention a check has taken back. */
export function gridRows(tower: TowerSummary, patterns: ReadonlyMap<string, LayerPatterns>, withdrawn: ReadonlySet<number> = new Set()): readonly GridRow[] {
  return tower.blocks.map(({ index, attention }): GridRow => ({
    tower: tower.name,
    layer: index,
    heads: attention === null || withdrawn.has(index) ? 0 : patterns.get(layerKey(tower.name, index))?.heads ?? attention.heads,
  }));
}

/** Every head that the model is known to have, tower by tower, layer by layer. */
export function allHeads(summary: ModelSummary, patterns: ReadonlyMap<string, LayerPatterns>, withdrawn?: ReadonlySet<number>): readonly Head[] {
  return summary.towers.flatMap((tower) => gridRows(tower, patterns, withdrawn).flatMap((row) =>
    Array.from({ length: row.heads ?? 0 }, (_, head): Head => ({ tower: row.tower, layer: row.layer, head }))));
}

/** The head of a short or canonical address; undefined where it names none of these heads. */
export function headAt(address: string, heads: readonly Head[]): Head | undefined {
  const short = parseShort(address);
  if (short?.kind !== 'head') return undefined;
  return heads.find((head) => head.tower === short.tower && head.layer === short.layer && head.head === short.head);
}

/** Steps of an arrow key in the grid. */
export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last' | 'previous' | 'next' | 'top' | 'bottom';

/** The head one step from another; the same one at an end. */
export function stepHead(heads: readonly Head[], from: Head, step: Step): Head {
  const index = heads.findIndex((head) => sameHead(head, from));
  const row = heads.filter((head) => head.tower === from.tower && head.layer === from.layer);
  const column = heads.filter((head) => head.head === from.head);
  const inColumn = column.findIndex((head) => sameHead(head, from));
  const steps: Readonly<Record<Step, Head | undefined>> = {
    left: row[from.head - 1],
    right: row[from.head + 1],
    up: column[inColumn - 1],
    down: column[inColumn + 1],
    first: row[0],
    last: row.at(-1),
    previous: heads[index - 1],
    next: heads[index + 1],
    top: column[0],
    bottom: column.at(-1),
  };
  return steps[step] ?? from;
}
