/** The cells of a sweep in the making. Pure: each batch gives new values, and only the cells that it touches are read anew. */
import { cellAt, countRun, noCells } from '../../../src/shared/experiment/result.ts';
import type { Cell, ExperimentFrame, ExperimentProgress } from '../../../src/shared/experiment/result.ts';
import type { Run } from './state.ts';

type Came = Pick<Run, 'frame' | 'values' | 'cells' | 'done' | 'of' | 'first' | 'step'>;
type Batch = Extract<ExperimentProgress, { readonly kind: 'cells' }>;

/** The frame of the whole result, with nothing in it yet. */
export function framed(frame: ExperimentFrame): Came {
  const count = frame.pairs.length * frame.addresses.length;
  return filled(frame, noCells(count));
}

/** A result as it is kept. */
export function filled(frame: ExperimentFrame, values: Run['values']): Came {
  const isThere = frame.addresses.map((address) => address !== '');
  const cells = frame.addresses.map((_, index) => (isThere[index] ? cellAt({ frame, values, index }) : null));
  return { frame, values, cells, done: countRun(values), of: frame.pairs.length * isThere.filter(Boolean).length, first: null, step: '' };
}

/** After several steps of progress, as they came within one picture; `ms` since the start. */
export function afterSteps(run: Run, steps: readonly ExperimentProgress[], ms: number): Run {
  const lastFrame = steps.findLastIndex((step) => step.kind === 'frame');
  const frame = steps[lastFrame];
  const begun: Run = frame?.kind === 'frame' ? { ...run, phase: 'running', ...framed(frame.frame) } : run;
  const rest = steps.slice(lastFrame + 1);
  const batches = rest.filter((step): step is Batch => step.kind === 'cells');
  const said = rest.findLast((step) => step.kind === 'step');
  const next = batches.length > 0 ? afterBatches(begun, batches, ms) : begun;
  return { ...next, ms, step: said?.kind === 'step' && rest.at(-1) === said ? said.what : batches.length > 0 ? '' : next.step };
}

function afterBatches(run: Run, batches: readonly Batch[], ms: number): Run {
  const { frame } = run;
  if (!frame) return run;
  const values = { metrics: run.values.metrics.slice(), unchanged: run.values.unchanged.slice() };
  const touched = new Set<number>();
  for (const { indices, metrics, unchanged } of batches) {
    indices.forEach((index, at) => {
      values.metrics[index] = metrics[at] ?? NaN;
      values.unchanged[index] = unchanged[at] ?? 0;
      touched.add(index % frame.addresses.length);
    });
  }
  const cells: (Cell | null)[] = [...run.cells];
  for (const index of touched) cells[index] = cellAt({ frame, values, index });
  const [one, last] = [batches[0], batches.at(-1)];
  return { ...run, values, cells, done: last?.done ?? run.done, of: last?.of ?? run.of, first: run.first ?? { done: one?.done ?? 0, ms } };
}
