/** An experiment that outlives its engine: where the engine dies, the next one runs the cells that are missing. Pure but for what it calls. */
import { CogscopeError } from '../../shared/errors.ts';
import { counted } from '../../shared/format.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { ExperimentOutcome, ExperimentProgress } from '../../shared/experiment/result.ts';
import type { ExperimentParams } from '../../shared/protocol/experimentApi.ts';
import type { CallOptions } from '../../shared/rpc/connection.ts';
import type { CellStore } from './cellStore.ts';

/** An experiment that has ended so many engines would end the next one too. */
export const MOST_RESUMES = 3;

export interface ToRun {
  readonly call: (params: ExperimentParams, options: CallOptions) => Promise<ExperimentOutcome>;
  /** Its model by the absolute path. */
  readonly experiment: Experiment;
  /** What is there already; takes what arrives. */
  readonly cells: CellStore;
  readonly signal?: AbortSignal | undefined;
  readonly progress: (progress: ExperimentProgress) => void;
}

export async function runToEnd({ call, experiment, cells, signal, progress }: ToRun): Promise<ExperimentOutcome> {
  let isBegun = false;
  const take = (body: unknown): void => {
    const step = body as ExperimentProgress;
    cells.take(step);
    // Whoever draws has the frame of a run that goes on.
    if (step.kind !== 'frame' || !isBegun) progress(step);
    if (step.kind !== 'frame' || isBegun) return;
    isBegun = true;
    if (cells.known) progress(cells.cells);
  };
  for (let resumes = 0; ; resumes++) {
    const { known } = cells;
    try {
      const outcome = await call({ experiment, ...(known ? { known } : {}) }, { signal, onProgress: take });
      cells.finish(outcome);
      return outcome;
    } catch (error) {
      const hasDied = error instanceof CogscopeError && error.code === 'engine-died';
      if (!hasDied || resumes === MOST_RESUMES || signal?.aborted) throw error;
      const missing = isBegun ? ` with the ${counted(cells.missing, 'cell')} that ${cells.missing === 1 ? 'is' : 'are'} missing` : '';
      progress({ kind: 'step', what: `The engine ended; going on${missing}` });
    }
  }
}
