/** Keeps what is typed and looked at: in the panel's own state for a reload, and with the host for when the panel goes. */
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import { keepState } from '../../lib/connect.ts';
import type { Host } from '../../lib/connect.ts';
import { addressOf } from '../model/heads.ts';
import { keep } from '../model/kept.ts';
import { promptOf } from '../../lib/text/prompt.ts';
import type { State } from '../model/state.ts';
import type { PanelStore } from '../model/reduce.ts';

const told = ({ draft, head, wanted }: State): string => JSON.stringify([promptOf(draft), head ? addressOf(head) : wanted?.address ?? null]);

export function rememberState(host: Host<AttentionPanelApi>, store: PanelStore): void {
  let kept = JSON.stringify(keep(store.state));
  store.listen((state, previous) => {
    const next = JSON.stringify(keep(state));
    if (next !== kept) keepState({ ...keep(state) });
    kept = next;
    if (told(state) === told(previous)) return;
    const read = promptOf(state.draft);
    const address = state.head ? addressOf(state.head) : state.wanted?.address ?? null;
    // Nothing hangs on the answer: a host that has gone has nothing to remember.
    if (read.ok) host.call('remember', { prompt: read.prompt, address }).catch(() => undefined);
  });
}
