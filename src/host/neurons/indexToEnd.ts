/** An index that outlives its engine: where the engine dies, the next one goes on from the last chunk that was committed. Pure but for what it calls. */
import { CogscopeError } from '../../shared/errors.ts';
import type { NeuronIndexParams, NeuronIndexProgress, NeuronIndexResult } from '../../shared/neurons/build.ts';
import type { CallOptions } from '../../shared/rpc/connection.ts';

/** Engines in a row that may die without one chunk of text being committed. */
export const MOST_IN_VAIN = 2;

export interface ToIndex {
  readonly call: (params: NeuronIndexParams, options: CallOptions) => Promise<NeuronIndexResult>;
  readonly params: NeuronIndexParams;
  readonly signal: AbortSignal;
  readonly progress: (progress: NeuronIndexProgress) => void;
  /** The engine ended and another one goes on. */
  readonly again: () => void;
}

/** Rejects with 'cancelled' where it was paused, also where the engine had to be ended for that. */
export async function indexToEnd({ call, params, signal, progress, again }: ToIndex): Promise<NeuronIndexResult> {
  for (let inVain = 0, rebuild = params.rebuild === true; ;) {
    let isCommitted = false;
    let isBegun = false;
    const take = (body: unknown): void => {
      const step = body as NeuronIndexProgress;
      isBegun = true;
      isCommitted ||= step.kind !== 'forecast';
      progress(step);
    };
    try {
      return await call({ ...params, rebuild }, { signal, onProgress: take });
    } catch (error) {
      if (!(error instanceof CogscopeError) || error.code !== 'engine-died') throw error;
      if (signal.aborted) throw new CogscopeError('cancelled', 'Paused', 'Start it again to go on');
      inVain = isCommitted ? 0 : inVain + 1;
      if (inVain >= MOST_IN_VAIN) throw error;
      // What the first engine began anew is gone on with: it foretells once the old index is replaced.
      rebuild &&= !isBegun;
      again();
    }
  }
}
