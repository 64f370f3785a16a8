/** One engine process from start to end, and what is said about ends that were meant. */
import type { EngineProcess } from '../../client/engineProcess.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { EngineMethod } from './methods.ts';

/** Why an engine is ended on purpose. */
export type Reason = 'idle' | 'cancel' | 'restart' | 'cancelled opening' | 'closed';

/** What calls in flight are told then. */
const sentences: Readonly<Record<Reason, Pick<ErrorData, 'code' | 'what' | 'todo'>>> = {
  idle: { code: 'engine-died', what: 'The engine was stopped', todo: 'Try again' },
  cancel: { code: 'engine-died', what: 'The engine was ended to stop a cancelled run', todo: 'Try again' },
  restart: { code: 'engine-died', what: 'The engine was restarted', todo: 'Try again' },
  'cancelled opening': { code: 'cancelled', what: 'Reading the model was cancelled', todo: 'Reload the model to read it' },
  closed: { code: 'cancelled', what: 'The model was closed', todo: '' },
};

export interface Life {
  readonly process: EngineProcess;
  /** Settled when the model is read; rejects where it cannot be. */
  readonly opened: Promise<void>;
  /** Resolves when the end has been dealt with. */
  readonly ended: Promise<Ending>;
  isOpen: boolean;
  reason: Reason | undefined;
  readonly calls: EngineMethod[];
  output: string;
}

export interface Ending {
  readonly error: ErrorData;
  /** Calls that had not been heard of yet are made again. */
  readonly again: boolean;
}

/** How an end that was meant is told. */
export const meantEnd = (reason: Reason): ErrorData => ({ where: '', detail: '', ...sentences[reason] });

/** Waits for `work`, but no longer than until the signal is aborted. */
export async function orCancelled(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new CogscopeError('cancelled', 'Cancelled'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    if (abort) signal.removeEventListener('abort', abort);
  }
}
