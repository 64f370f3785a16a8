/** Keeps what is typed and looked at: in the panel's own state for a reload, and with the host for when the panel goes. */
import type { PatchingPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import { keepState } from '../../lib/connect.ts';
import type { Host } from '../../lib/connect.ts';
import { experimentOf } from '../model/form.ts';
import { keep } from '../model/kept.ts';
import type { PanelStore } from '../model/reduce.ts';

export function rememberState(host: Host<PatchingPanelApi>, store: PanelStore): void {
  let kept = JSON.stringify(keep(store.state));
  let [isRestored, isUntold] = [false, false];
  store.listen((state, previous, action) => {
    const next = JSON.stringify(keep(state));
    if (next !== kept) keepState({ ...keep(state) });
    kept = next;
    isRestored ||= action.kind === 'restored';
    // What the host itself told is not told back to it; what was typed before it had told anything waits for that.
    isUntold ||= state.form !== previous.form && action.kind !== 'restored' && action.kind !== 'shown' && action.kind !== 'model';
    if (!isUntold || !isRestored || state.model === null) return;
    isUntold = false;
    const experiment = experimentOf(state.form, '');
    // Nothing hangs on the answer: a host that has gone has nothing to remember.
    if (experiment) host.call('remember', { experiment }).catch(() => undefined);
  });
}
