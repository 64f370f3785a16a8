/** Runs experiments of one model: in one engine, and in a new one with the cells that are there where that dies. */
import { resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { ExperimentOutcome, ExperimentProgress } from '../../shared/experiment/result.ts';
import { capitalised, duration } from '../../shared/format.ts';
import type { EngineProcess } from '../../client/engineProcess.ts';
import type { Arguments } from '../args.ts';
import type { Context } from '../command.ts';
import type { Progress } from '../progress.ts';
import { withEngine } from '../withEngine.ts';
import { CellsSoFar } from './cells.ts';

/** What became of one experiment: a result, a part of one with the reason why it is no more, or the reason alone. */
export interface Swept {
  readonly outcome: ExperimentOutcome | undefined;
  readonly error: CogscopeError | undefined;
}

export interface SweepOptions {
  readonly threads: number;
  readonly tokenizer: string | null;
}

export function sweepOptions(args: Arguments): SweepOptions {
  const tokenizer = args.one('tokenizer');
  return { threads: args.whole('threads', 1, 256) ?? 0, tokenizer: tokenizer === undefined ? null : resolve(tokenizer) };
}

/**
 * Of experiments on the same model, one after the other; those behind an interruption are not begun. An engine that dies without having made
 * a cell is not asked for the same again.
 */
export async function sweepAll(experiments: readonly Experiment[], options: SweepOptions, context: Context): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  let cells = new CellsSoFar();
  let before = 0;
  while (swept.length < experiments.length && !context.interrupts.signal.aborted) {
    try {
      await withEngine(options.threads, context.interrupts, async (engine) => {
        context.progress.show('Reading the model');
        await engine.call('open', { path: experiments[0]?.model ?? '', tokenizer: options.tokenizer }, { signal: context.interrupts.signal });
        for (let experiment = experiments[swept.length]; experiment && !context.interrupts.signal.aborted; experiment = experiments[swept.length]) {
          swept.push(await sweep(engine, experiment, cells, context));
          [cells, before] = [new CellsSoFar(), 0];
        }
      });
    } catch (thrown) {
      const error = asError(thrown, context);
      if (error.code === 'engine-died' && cells.count > before) {
        before = cells.count;
        context.progress.note(`${error.data.what}; a new one goes on with the ${before} cells that are there`);
        continue;
      }
      swept.push({ outcome: cells.outcome, error });
      // What keeps a model from being opened keeps it from every experiment.
      while (error.code !== 'engine-died' && cells.outcome === undefined && swept.length < experiments.length) swept.push({ outcome: undefined, error });
      [cells, before] = [new CellsSoFar(), 0];
    }
  }
  return swept;
}

/** Rejects where the engine is gone. */
async function sweep(engine: EngineProcess, experiment: Experiment, cells: CellsSoFar, context: Context): Promise<Swept> {
  const { known } = cells;
  const clock = new Clock(context.progress);
  const onProgress = (body: unknown): void => {
    cells.take(body as ExperimentProgress);
    clock.show(body as ExperimentProgress);
  };
  try {
    return { outcome: await engine.call('experiment', { experiment, ...(known ? { known } : {}) }, { signal: context.interrupts.signal, onProgress }), error: undefined };
  } catch (thrown) {
    const error = asError(thrown, context);
    if (error.code === 'engine-died') throw error;
    return { outcome: cells.outcome, error };
  }
}

/** An engine that ends after a second Ctrl-C was not the engine’s fault. */
function asError(thrown: unknown, { interrupts }: Context): CogscopeError {
  const data = CogscopeError.describe(thrown);
  return interrupts.signal.aborted ? new CogscopeError('cancelled', 'Interrupted') : CogscopeError.from(data);
}

/** How long it will still take, by the cells so far. */
class Clock {
  private readonly progress: Progress;
  private first: { readonly at: number; readonly done: number } | undefined;

  constructor(progress: Progress) {
    this.progress = progress;
  }

  show(body: ExperimentProgress): void {
    if (body.kind === 'step') this.progress.show(capitalised(body.what));
    if (body.kind !== 'cells') return;
    const { done, of } = body;
    this.first ??= { at: performance.now(), done };
    const since = done - this.first.done;
    const left = since > 0 && done < of ? `, about ${duration(((performance.now() - this.first.at) / since) * (of - done))} left` : '';
    this.progress.show('Running cell', done, of, left);
  }
}
