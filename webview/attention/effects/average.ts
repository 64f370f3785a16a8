/** Averages over the set of prompts when it is asked for; a cancel keeps the mean over the prompts that were run. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { AverageProgress } from '../../../src/shared/protocol/averageApi.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { askedOf, setOf } from '../model/average.ts';
import { canRun, isRunning } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';
import type { State } from '../model/state.ts';
import type { Runner } from './run.ts';

export class Averager {
  private readonly host: Host<AttentionPanelApi>;
  private readonly store: PanelStore;
  private readonly runner: Runner;
  private abort: AbortController | undefined;
  private serial = -1;

  constructor(host: Host<AttentionPanelApi>, store: PanelStore, runner: Runner) {
    this.host = host;
    this.store = store;
    this.runner = runner;
    store.listen((state) => {
      // Another run has taken its place, or the set was closed.
      if (state.run?.serial !== this.serial) this.abort?.abort();
      if (state.average?.asked && mayStart(state)) void this.start();
    });
  }

  /** Asks for the mean of what is typed or chosen. */
  ask(): void {
    if (this.store.state.average) this.store.dispatch({ kind: 'setTyped', change: { asked: true } });
  }

  /** Takes the prompts of a file that a person chooses. */
  async pick(): Promise<void> {
    const file = await this.host.call('pickPrompts', {});
    if (file && this.store.state.average) this.store.dispatch({ kind: 'setTyped', change: { file } });
  }

  /** Stops; the mean over the prompts that were run stays. */
  cancel(): void {
    this.abort?.abort();
  }

  private async start(): Promise<void> {
    const { state, dispatch } = this.store;
    const set = state.average ? setOf(state.average) : [];
    const serial = this.serial = this.runner.next();
    this.abort?.abort();
    const { signal } = this.abort = new AbortController();
    dispatch({ kind: 'averageAsked', serial });
    const asked = askedOf(state, set);
    if ('code' in asked) return dispatch({ kind: 'averageFailed', serial, error: asked });
    const started = performance.now();
    let id: number | null = null;
    try {
      await this.host.call('averagePatterns', asked, {
        signal,
        onProgress: (body) => {
          const progress = body as AverageProgress;
          if (progress.kind === 'started') id = progress.frame.run;
          dispatch({ kind: 'averageCame', serial, ms: performance.now() - started, set, progress });
        },
      });
      dispatch({ kind: 'averaged', serial, ms: performance.now() - started });
    } catch (thrown) {
      dispatch({ kind: 'averageFailed', serial, error: CogscopeError.describe(thrown) });
      if (signal.aborted && id !== null) await this.keep(serial, id);
    }
  }

  private async keep(serial: number, run: number): Promise<void> {
    // Where the engine no longer has it, what was shown before stays: the cancel has been said.
    const kept = await this.host.call('averagedLayers', { run }).catch(() => null);
    if (kept) this.store.dispatch({ kind: 'averageKept', serial, ...kept });
  }
}

/** A run that is made, or made again after a reload, is waited for. */
const mayStart = (state: State): boolean => canRun(state) && state.rerun === 'no' && !isRunning(state.run);
