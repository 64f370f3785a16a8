/** Tells the host what is shown and typed, for when the panel goes. */
import type { NeuronPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import { keepState } from '../../lib/connect.ts';
import type { Host } from '../../lib/connect.ts';
import { toKept } from '../model/kept.ts';
import type { PanelStore } from '../model/reduce.ts';

export function rememberShown(host: Host<NeuronPanelApi>, store: PanelStore): void {
  store.listen((state, previous) => {
    const { address, text, table } = state;
    if (address === previous.address && text === previous.text && table === previous.table) return;
    keepState(toKept(state));
    // Nothing hangs on the answer: a host that has gone has nothing to remember.
    if (address !== null) host.call('remember', { address, text }).catch(() => undefined);
  });
}
