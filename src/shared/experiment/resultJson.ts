/** A result as the command line prints it with `--json` (cli.md, "Experiment files"). What has no value is null. */
import type { Verdict } from './expect.ts';
import { recovers } from './kinds.ts';
import type { Axis, Cell, ExperimentOutcome } from './result.ts';
import { cellsOf } from './strongest.ts';

export interface CellJson {
  readonly address: string;
  readonly metric: number | null;
  /** Where there is a run to recover to. */
  readonly recovered?: number | null;
  /** Metric less the metric of the run that was edited. In causal tracing it is the indirect effect. */
  readonly effect: number | null;
  /** In causal tracing: what does not go through the cell. */
  readonly direct?: number | null;
  /** Standard deviation over the pairs; for more than one. */
  readonly spread?: number | null;
  readonly perPair: readonly (number | null)[];
  readonly unchanged?: true;
}

export interface ResultJson {
  readonly kind: string;
  readonly metric: string;
  readonly direction: string | null;
  readonly clean: number | null;
  readonly corrupted: number | null;
  readonly pairs: number;
  readonly axes: readonly { readonly site: string; readonly rows: Axis; readonly columns: Axis }[];
  readonly cells: readonly CellJson[];
  readonly notes: readonly string[];
  readonly expect?: readonly { readonly passed: boolean; readonly text: string }[];
  readonly passes: number;
  readonly ms: number;
}

export function resultJson({ frame, passes, ms, ...values }: ExperimentOutcome, verdicts: readonly Verdict[] = []): ResultJson {
  const { kind, metric, direction, clean, corrupted, pairs, grids, notes } = frame;
  return {
    kind, metric, direction, clean: known(clean), corrupted: known(corrupted), pairs: pairs.length,
    axes: grids.map(({ site, rows, columns }) => ({ site, rows, columns })),
    cells: cellsOf({ frame, values }).map((cell) => cellJson(cell, kind, clean)),
    notes,
    ...(verdicts.length > 0 ? { expect: verdicts.map(({ passed, text }) => ({ passed, text })) } : {}),
    passes, ms,
  };
}

function cellJson({ address, metric, recovered, effect, spread, perPair, unchanged }: Cell, kind: ExperimentOutcome['frame']['kind'], clean: number): CellJson {
  return {
    address,
    metric: known(metric),
    ...(recovers(kind) ? { recovered: known(recovered) } : {}),
    effect: unchanged ? null : known(effect),
    ...(kind === 'causal-tracing' ? { direct: unchanged ? null : known(clean - metric) } : {}),
    ...(perPair.length > 1 ? { spread: known(spread) } : {}),
    perPair: perPair.map(known),
    ...(unchanged ? { unchanged } : {}),
  };
}

const known = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : value);
