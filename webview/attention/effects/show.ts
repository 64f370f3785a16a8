/** Tells the host what is shown whenever that is something else. */
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import type { PanelStore } from '../model/reduce.ts';
import { shownOf } from '../model/shown.ts';
import type { State } from '../model/state.ts';

/** What it is made from: a run's progress is not among it. */
const partsOf = ({ draft, edits, compare, run, place, head, view, position, writing, source, target, choice, drawn, scores, model }: State): readonly unknown[] => [
  draft, edits, compare?.text, compare?.shown, run?.serial, run?.phase, run?.difference, run?.mean?.leftOut, place, head, view, position, writing, writing === 'run' ? 0 : source, target, choice, drawn,
  scores?.protocol, model?.state,
];

export function tellShown(host: Host<AttentionPanelApi>, store: PanelStore): void {
  let told: readonly unknown[] = [];
  store.listen((state) => {
    const next = partsOf(state);
    if (next.every((part, at) => part === told[at])) return;
    told = next;
    const shown = shownOf(state);
    // Nothing hangs on the answer.
    if (shown) host.call('show', shown).catch(() => undefined);
  });
}
