/** Asks what heads write where the grid is to show it and it is not here yet; another choice ends what was asked before. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { HeadOutputsProgress } from '../../../src/shared/protocol/attentionApi.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import type { PanelStore } from '../model/reduce.ts';
import type { State } from '../model/state.ts';
import { isWrittenHere, targetOf, writtenChoice, writtenObstacle } from '../model/written.ts';
import type { Runner } from './run.ts';

export function readWritten(host: Host<AttentionPanelApi>, store: PanelStore, runner: Runner): void {
  let abort: AbortController | undefined;
  let serial = 0;

  const ask = async (state: State, run: number, of: number): Promise<void> => {
    abort?.abort();
    const { signal } = (abort = new AbortController());
    const mine = ++serial;
    const target = writtenChoice(state) === 'effect' ? targetOf(state) : null;
    store.dispatch({ kind: 'writtenAsked', serial: mine, run: of, about: target });
    try {
      const result = await host.call('headOutputs', { run, target }, { signal, onProgress: (body) => store.dispatch({ kind: 'writtenCame', serial: mine, progress: body as HeadOutputsProgress }) });
      store.dispatch({ kind: 'written', serial: mine, result });
    } catch (thrown) {
      // What is wrong with a token that was typed is nothing that another run would mend.
      if (signal.aborted || (state.target === '' && (await runner.wasLost(thrown)))) return;
      store.dispatch({ kind: 'writtenFailed', serial: mine, error: CogscopeError.describe(thrown) });
    }
  };

  store.listen((state, previous) => {
    if (state.choice === previous.choice && targetOf(state) === targetOf(previous) && state.run === previous.run) return;
    const { run } = state;
    if (!run || run.id === null || writtenChoice(state) === null || writtenObstacle(state) !== null) return;
    const isTriedAgain = state.written?.phase === 'failed' && state.choice !== previous.choice;
    if (!isWrittenHere(state) || isTriedAgain) void ask(state, run.id, run.serial);
  });
}
