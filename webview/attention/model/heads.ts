/** Heads of a model in order, and their addresses. */
import { headAddress, parseShort } from '../../../src/shared/addresses.ts';
import type { AttentionKind } from '../../../src/shared/addresses.ts';
import type { LayerPatterns } from '../../../src/shared/protocol/engineApi.ts';
import type { LayerSummary, ModelSummary, TowerSummary } from '../../../src/shared/summary.ts';

export interface Head {
  /** Name of the tower, without the dot of its prefix. */
  readonly tower: string;
  readonly attention: AttentionKind;
  readonly layer: number;
  readonly head: number;
}

/** A layer's attention, of which there are two where a tower attends to another one as well. */
export type Place = Omit<Head, 'head'>;

export const addressOf = (head: Head): string => headAddress(head.tower, head.layer, head.head, head.attention);
export const sameHead = (a: Head | null, b: Head | null): boolean =>
  a === b || (a !== null && b !== null && layerKey(a) === layerKey(b) && a.head === b.head);

export const layerKey = ({ tower, attention, layer }: Place): string => `${tower}|${attention}|${layer}`;
/** Patterns name a tower by its address prefix ("enc."), summaries by its name ("enc"). */
export const towerName = (prefix: string): string => prefix.replace(/\.$/, '');

/** Patterns by their place, as the engine tells it. */
export const placeOf = ({ tower, attention, layer }: Place): Place => ({ tower: towerName(tower), attention, layer });

/** The attention that a tower has: to itself and, where some layer has it, to another stream. */
export const kindsOf = ({ blocks }: TowerSummary): readonly AttentionKind[] => {
  const hasCross = blocks.some((block) => block.cross !== null);
  // A head that pools attends to nothing else.
  return hasCross ? [...(blocks.some((block) => block.attention !== null) ? ['self' as const] : []), 'cross'] : ['self'];
};

/** What a layer's summary tells of one of the two. */
export const attentionOf = (block: LayerSummary, kind: AttentionKind): LayerSummary['attention'] => (kind === 'cross' ? block.cross : block.attention);

/** A row of the grid in a drawing: "enc.L3", "dec.L3X". */
export const rowLabel = ({ tower, layer, attention }: Pick<LayerPatterns, 'tower' | 'layer' | 'attention'>): string => `${tower}L${layer}${attention === 'cross' ? 'X' : ''}`;

export interface GridRow extends Place {
  /** Heads of the layer's attention; 0: it has none, or none that is understood; null: unknown until run. */
  readonly heads: number | null;
}

/** The rows of a tower's grid, before and while patterns arrive; `withdrawn` are layers whose attention a check has taken back. */
export function gridRows(tower: TowerSummary, kind: AttentionKind, patterns: ReadonlyMap<string, LayerPatterns>, withdrawn: ReadonlySet<string> = new Set()): readonly GridRow[] {
  return tower.blocks.map((block): GridRow => {
    const place: Place = { tower: tower.name, attention: kind, layer: block.index };
    const attention = attentionOf(block, kind);
    return { ...place, heads: attention === null || withdrawn.has(layerKey(place)) ? 0 : patterns.get(layerKey(place))?.heads ?? attention.heads };
  });
}

/** Every head that the model is known to have, tower by tower, layer by layer. */
export function allHeads(summary: ModelSummary, patterns: ReadonlyMap<string, LayerPatterns>, withdrawn?: ReadonlySet<string>): readonly Head[] {
  return summary.towers.flatMap((tower) => kindsOf(tower).flatMap((kind) => gridRows(tower, kind, patterns, withdrawn).flatMap(({ heads, ...place }) =>
    Array.from({ length: heads ?? 0 }, (_, head): Head => ({ ...place, head })))));
}

/** The head of a short or canonical address; undefined where it names none of these heads. */
export function headAt(address: string, heads: readonly Head[]): Head | undefined {
  const short = parseShort(address);
  if (short?.kind !== 'head') return undefined;
  return heads.find((head) => layerKey(head) === layerKey(short) && head.head === short.head);
}

/** Steps of an arrow key in the grid. */
export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last' | 'previous' | 'next' | 'top' | 'bottom';

/** The head one step from another; the same one at an end. */
export function stepHead(heads: readonly Head[], from: Head, step: Step): Head {
  const index = heads.findIndex((head) => sameHead(head, from));
  const row = heads.filter((head) => layerKey(head) === layerKey(from));
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
