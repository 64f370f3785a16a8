/** Keeps what is typed and looked at: in the panel's own state for a reload, and with the host the prompt for when the panel goes, and what is shown for code that gets the same. */
import type { LensPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import { keepState } from '../../lib/connect.ts';
import type { Host } from '../../lib/connect.ts';
import { keep } from '../model/kept.ts';
import { promptOf } from '../../lib/text/prompt.ts';
import type { PanelStore } from '../model/reduce.ts';
import { shownOf } from '../model/shown.ts';

export function rememberState(host: Host<LensPanelApi>, store: PanelStore): void {
  let kept = JSON.stringify(keep(store.state));
  store.listen((state, previous) => {
    const next = JSON.stringify(keep(state));
    if (next !== kept) keepState({ ...keep(state) });
    kept = next;
    const read = promptOf(state.draft);
    // Nothing hangs on the answer: a host that has gone has nothing to remember.
    if (state.draft !== previous.draft && read.ok) host.call('remember', { prompt: read.prompt }).catch(() => undefined);
    const isShownAnew = state.draft !== previous.draft || state.mid !== previous.mid || state.run?.phase !== previous.run?.phase || state.cell !== previous.cell || state.columns !== previous.columns;
    const shown = isShownAnew && shownOf(state);
    if (shown) host.call('show', shown).catch(() => undefined);
  });
}
