/** Lines under the toolbar: what the engine, the file, trust or the last run have to say. Each with at most one thing to do. */
import { h } from '../../lib/dom.ts';
import { errorNotice, noticeLine } from '../../lib/notice.ts';
import { nanHeads } from '../pattern/rows.ts';
import { addressOf, placeOf } from '../model/heads.ts';
import { layersInOrder } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

/** Heads with NaN that are named. */
const NAMED = 4;

export function noticesView(panel: Panel): View {
  const element = h('div', { class: 'notices' });
  let drawn = '';
  return {
    element,
    update: (state) => {
      const lines = noticesOf(panel, state);
      // A notice that stays is left alone: it would be spoken again, and its details would fold.
      const key = JSON.stringify(lines.map((line) => line.textContent));
      if (key !== drawn) element.replaceChildren(...lines);
      drawn = key;
    },
  };
}

function noticesOf(panel: Panel, state: State): readonly HTMLElement[] {
  const { model, failure, missing } = state;
  const lines: (HTMLElement | null)[] = [
    model?.state.kind === 'error' ? errorNotice(model.state.error, { label: 'Reload model', run: () => panel.command('reloadModel') }) : null,
    engineNotice(panel, state),
    model?.changed === true ? noticeLine({ kind: 'warning', text: 'The file changed since it was opened.', action: { label: 'Reload model', run: () => panel.command('reloadModel') } }) : null,
    model?.trusted === false
      ? noticeLine({ kind: 'info', text: 'Running a model needs a trusted workspace; looking at it does not.', action: { label: 'Manage workspace trust', run: () => panel.command('manageTrust') } })
      : null,
    failure && !(failure.code === 'changed' && model?.changed) ? errorNotice(failure) : null,
    missing === null ? null : noticeLine({ kind: 'info', text: `${missing} is no attention head of this model.` }),
    nanNotice(state),
  ];
  return lines.filter((line) => line !== null);
}

function engineNotice(panel: Panel, state: State): HTMLElement | null {
  const engine = state.model?.engine;
  switch (engine?.kind) {
    case 'restarting':
      return noticeLine({ kind: 'info', text: `The engine ended; starting it again (attempt ${engine.attempt}).` });
    case 'failed':
      return errorNotice(engine.error, { label: 'Restart engine', run: () => panel.command('restartEngine') });
    default:
      return state.rerun === 'lost' ? noticeLine({ kind: 'info', text: 'The engine ended; it is started again.' }) : null;
  }
}

function nanNotice(state: State): HTMLElement | null {
  const heads = layersInOrder(state).flatMap((layer) => nanHeads(layer).map((head) => addressOf({ ...placeOf(layer), head })));
  if (heads.length === 0) return null;
  const rest = heads.length > NAMED ? ` and ${heads.length - NAMED} more heads` : '';
  return noticeLine({ kind: 'warning', text: `NaN in ${heads.slice(0, NAMED).join(', ')}${rest}.` });
}
