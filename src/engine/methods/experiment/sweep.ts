/** Sweeps: activation patching and ablation, which edit one place a cell and differ in what takes its place. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { By } from '../../../shared/experiment/experiment.ts';
import type { TowerTokens } from '../prompt.ts';
import type { Base } from './base.ts';
import { gridsOf, positionLabels } from './cells.ts';
import type { CellGrid } from './cells.ts';
import type { CellResult, Context, Sink } from './context.ts';
import type { SitePlace } from './sites.ts';
import { runVariants } from './variants.ts';
import type { Replacement, Variant } from './variants.ts';

/** Grids of a sweep over places, laid out by a run of the first prompt. */
export async function sweepGrids(context: Context, groups: readonly (readonly SitePlace[])[], by: By): Promise<readonly CellGrid[]> {
  const { session, pairs } = context;
  const [first] = pairs;
  if (!first) return [];
  checkOneLength(pairs.map(({ clean }) => clean), by);
  const { kept, tokens } = await context.runs.of(first.clean, first.position);
  return gridsOf(groups, by, {
    kept, tokens, severalTowers: session.anatomy.towers.length > 1,
    labels: (tower) => positionLabels(pairs.map(({ clean }) => clean.get(tower.name) ?? [])),
  });
}

function checkOneLength(prompts: readonly TowerTokens[], by: By): void {
  if (by !== 'position' && by !== 'head-position' && by !== 'head-dest-src') return;
  const lengths = [...new Set(prompts.map((tokens) => [...tokens.values()].map((list) => list.length).join(' and ')))];
  if (lengths.length > 1) throw new CogscopeError('usage', `The prompts have ${lengths.join(', ')} tokens, and the cells of this experiment are positions`, 'Give prompts of one length, or patch by head');
}

export interface SweepRequest {
  readonly grids: readonly CellGrid[];
  /** The prompt whose run is edited. */
  readonly edited: (pair: number) => TowerTokens;
  /** What takes the place of activations in a pair's run. */
  readonly replacement: (pair: number) => Promise<(place: SitePlace) => Replacement>;
}

export async function runSweep(context: Context, { grids, edited, replacement }: SweepRequest, sink: Sink): Promise<void> {
  const { program, pairs, cuts, signal } = context;
  for (const [pair, { position }] of pairs.entries()) {
    const wanted = grids.flatMap(({ grid, cells }) => cells.flatMap((cell, index) => (cell && sink.wants(pair, grid.first + index) ? [{ ...cell, cell: grid.first + index }] : [])));
    if (wanted.length === 0) continue;
    const base = await context.runs.of(edited(pair), position);
    sink.ran(1);
    sink.onBase(base);
    const by = await replacement(pair);
    const variants = wanted.map(({ cell, place, at }): Variant => ({ cell, edits: [{ entry: place.entry, at, by: by(place) }] }));
    await runVariants(program, { base, variants, position, cuts, signal, taps: context.taps, onBatch: (results) => tell(sink, pair, results) });
  }
}

/** Hands on what a batch gave. */
export function tell(sink: Sink, pair: number, results: readonly CellResult[]): void {
  sink.ran(results.filter(({ changed }) => changed).length);
  sink.add(pair, results);
}

/** What a run has at a place. */
export function fromRun(run: Base): (place: SitePlace) => Replacement {
  return ({ entry }) => {
    const tensor = run.kept.get(entry.place.value);
    if (!tensor) throw new CogscopeError('internal', `${entry.address} was not kept`);
    return { kind: 'tensor', tensor, rows: run.rows };
  };
}
