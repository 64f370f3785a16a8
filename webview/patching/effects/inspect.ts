/** Runs the selected cell once more in full, a moment after the cursor has come to rest on it. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { PatchingPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { inspectedKey } from '../model/inspected.ts';
import { canRun, cellOf } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';

/** Milliseconds of rest before the engine is asked. */
const REST = 120;

export function inspectSelected(host: Host<PatchingPanelApi>, store: PanelStore): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: AbortController | undefined;
  let asked = '';

  const ask = async (key: string): Promise<void> => {
    const { state } = store;
    const cell = cellOf(state);
    if (!state.run || !cell) return;
    abort = new AbortController();
    const { signal } = abort;
    const params = { experiment: state.run.experiment, pair: state.inspectedPair, address: cell.address };
    try {
      const run = await host.call('patchedRun', params, { signal });
      store.dispatch({ kind: 'inspected', inspected: { key, run, error: null } });
    } catch (thrown) {
      if (!signal.aborted) store.dispatch({ kind: 'inspected', inspected: { key, run: null, error: CogscopeError.describe(thrown) } });
    }
  };

  store.listen((state) => {
    const key = state.inspecting && canRun(state) ? inspectedKey(state) : '';
    if (key === asked) return;
    asked = key;
    clearTimeout(timer);
    abort?.abort();
    if (key !== '') timer = setTimeout(() => void ask(key), REST);
  });
}
