/** Lines under the toolbar: what the engine, the file, trust or the last run have to say. Each with at most one thing to do. */
import { modelNotices, noticeArea } from '../../lib/modelNotices.ts';
import { errorNotice, noticeLine } from '../../lib/notice.ts';
import { nanHeads } from '../pattern/rows.ts';
import { addressOf, placeOf } from '../model/heads.ts';
import { layersInOrder } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

/** Heads with NaN that are named. */
const NAMED = 4;

export function noticesView(panel: Panel): View {
  const area = noticeArea();
  return { element: area.element, update: (state) => area.show(noticesOf(panel, state)) };
}

function noticesOf(panel: Panel, state: State): readonly HTMLElement[] {
  const { model, failure, missing } = state;
  const lines: readonly (HTMLElement | null)[] = [
    ...modelNotices(model, { command: panel.command, runsAgain: state.rerun === 'lost' }),
    failure && !(failure.code === 'changed' && model?.changed) ? errorNotice(failure) : null,
    missing === null ? null : noticeLine({ kind: 'info', text: `${missing} is no attention head of this model.` }),
    nanNotice(state),
  ];
  return lines.filter((line) => line !== null);
}

function nanNotice(state: State): HTMLElement | null {
  const heads = layersInOrder(state).flatMap((layer) => nanHeads(layer).map((head) => addressOf({ ...placeOf(layer), head })));
  if (heads.length === 0) return null;
  const rest = heads.length > NAMED ? ` and ${heads.length - NAMED} more heads` : '';
  return noticeLine({ kind: 'warning', text: `NaN in ${heads.slice(0, NAMED).join(', ')}${rest}.` });
}
