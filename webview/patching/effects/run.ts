/** Runs what is typed. Progress is taken once a picture, however fast cells come. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { ExperimentProgress } from '../../../src/shared/experiment/result.ts';
import type { PatchingPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { experimentOf } from '../model/form.ts';
import { isUndecided, problemsOf } from '../model/problems.ts';
import { canGoOn, canRun, isComing, isRunning } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';

export class Runner {
  private readonly host: Host<PatchingPanelApi>;
  private readonly store: PanelStore;
  private abort: AbortController | undefined;
  private serial = 0;

  constructor(host: Host<PatchingPanelApi>, store: PanelStore) {
    this.host = host;
    this.store = store;
    store.listen((state) => {
      if (state.early !== null && canRun(state) && !isUndecided(state)) void this.run(state.early === 'rest');
    });
  }

  /** `resume`: cells that the host kept of the same experiment are not run again. */
  async run(resume: boolean): Promise<void> {
    const { state, dispatch } = this.store;
    const isEarly = canRun(state) ? isUndecided(state) : isComing(state);
    dispatch({ kind: 'wanted', early: !isEarly ? null : resume ? 'rest' : 'all' });
    if (!canRun(state) || problemsOf(state).length > 0) return;
    const experiment = experimentOf(state.form, '');
    if (experiment) await this.start(experiment, resume);
  }

  /** What a person who presses the keys to run wants: the rest of a sweep that stopped, else all of it. */
  async runOn(): Promise<void> {
    await this.run(canGoOn(this.store.state));
  }

  /** Stops the sweep; what has come stays. */
  cancel(): void {
    if (isRunning(this.store.state.run)) this.store.dispatch({ kind: 'cancelled' });
    this.abort?.abort();
  }

  private async start(experiment: NonNullable<ReturnType<typeof experimentOf>>, resume: boolean): Promise<void> {
    const { dispatch } = this.store;
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    const serial = ++this.serial;
    const started = performance.now();
    let steps: ExperimentProgress[] = [];
    const flush = (): void => {
      const taken = steps;
      steps = [];
      if (taken.length > 0) dispatch({ kind: 'progress', serial, ms: performance.now() - started, steps: taken });
    };
    dispatch({ kind: 'asked', serial, experiment, resume });
    try {
      const outcome = await this.host.call('experiment', { experiment, resume }, {
        signal: abort.signal,
        onProgress: (body) => {
          if (steps.length === 0) requestAnimationFrame(flush);
          steps.push(body as ExperimentProgress);
        },
      });
      dispatch({ kind: 'ended', serial, outcome });
    } catch (error) {
      flush();
      dispatch({ kind: 'failed', serial, error: CogscopeError.describe(error) });
    }
  }
}
