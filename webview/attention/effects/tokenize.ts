/** Shows the draft as the model sees it, a moment after the last key. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { isEmpty, promptOf } from '../../lib/text/prompt.ts';
import { promptKey, takesTokens } from '../model/prompt.ts';
import { canRun, summaryOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { PanelStore } from '../model/reduce.ts';

/** Milliseconds of rest before the engine is asked. */
const REST = 120;

export function tokenizeWhileTyping(host: Host<AttentionPanelApi>, store: PanelStore): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: AbortController | undefined;

  const ask = async (state: State): Promise<void> => {
    abort?.abort();
    if (isEmpty(state.draft) || !takesTokens(summaryOf(state))) return store.dispatch({ kind: 'typed', typed: null });
    const read = promptOf(state.draft);
    if (!read.ok) return store.dispatch({ kind: 'problem', error: read.error });
    abort = new AbortController();
    const { signal } = abort;
    try {
      const { tokens, filled } = await host.call('tokenize', { prompt: read.prompt }, { signal });
      if (!signal.aborted) store.dispatch({ kind: 'typed', typed: { key: promptKey(read, {}), tokens, filled } });
    } catch (thrown) {
      const error = CogscopeError.describe(thrown);
      // What the engine's state says anyway is not said twice.
      if (error.code === 'usage' || error.code === 'refused') store.dispatch({ kind: 'problem', error });
    }
  };

  store.listen((state, previous) => {
    const isNew = state.draft !== previous.draft || canRun(state) !== canRun(previous);
    if (!isNew || !canRun(state)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void ask(store.state), REST);
  });
}
