/** Runs what is typed for the shown neuron, one run at a time: while one is under way the text may change, and then the last text is run. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { NeuronPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import type { PanelStore } from '../model/reduce.ts';
import { none } from '../model/state.ts';
import type { State } from '../model/state.ts';

export function runWhileTyping(host: Host<NeuronPanelApi>, store: PanelStore): void {
  let isRunning = false;
  /** What was run last: text and neuron. */
  let last = '';

  const wanted = ({ text, address, model }: State): string => (text === '' || address === null || model?.state.kind !== 'open' || !model.trusted ? '' : `${address} ${text}`);

  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    for (let key = wanted(store.state); key !== last; key = wanted(store.state)) {
      last = key;
      const { text, address } = store.state;
      if (key === '' || address === null) {
        store.dispatch({ kind: 'live', live: none });
        continue;
      }
      store.dispatch({ kind: 'live', live: { kind: 'asked' } });
      try {
        const value = await host.call('live', { prompt: { kind: 'text', text, special: true }, address });
        if (wanted(store.state) === key) store.dispatch({ kind: 'live', live: { kind: 'there', value } });
      } catch (thrown) {
        const error = CogscopeError.describe(thrown);
        // An engine that ended is started again, and then this is run again.
        if (error.code === 'engine-died') last = '';
        store.dispatch({ kind: 'live', live: { kind: 'failed', error } });
        if (error.code === 'engine-died') break;
      }
    }
    isRunning = false;
  };

  store.listen((state, previous) => {
    const isBack = state.model?.engine.kind === 'ready' && previous.model?.engine.kind !== 'ready';
    if (wanted(state) !== wanted(previous) || (isBack && wanted(state) !== last)) void run();
  });
}
