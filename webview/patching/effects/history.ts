/** Keeps the list of runs that the host keeps: asked for once there is a host, and whenever a run has ended. */
import type { PatchingPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import type { PanelStore } from '../model/reduce.ts';

export function followHistory(host: Host<PatchingPanelApi>, store: PanelStore): void {
  const ask = (): void => {
    // A host that has gone has no history to show.
    host.call('history', {}).then((history) => store.dispatch({ kind: 'history', history }), () => undefined);
  };
  store.listen((_, __, action) => {
    if (action.kind === 'restored' || action.kind === 'shown' || action.kind === 'ended' || action.kind === 'failed') ask();
  });
}

/** The older against the newer, whichever was ticked first. */
export async function compareHistory(host: Host<PatchingPanelApi>, { state }: PanelStore): Promise<string> {
  const [newer, older] = state.history.filter(({ id }) => state.picked.includes(id));
  if (newer && older) await host.call('compareHistory', { a: older.id, b: newer.id });
  return '';
}
