/** All heads of both prompts beside each other, each on its own tokens. */
import './beside.css';
import { h } from '../../lib/dom.ts';
import { capitalised } from '../../../src/shared/format.ts';
import { isBeside, ownState } from '../model/beside.ts';
import type { Side } from '../model/compare.ts';
import { halfRoom } from './beside.ts';
import { headsView } from './heads.ts';
import type { Room } from './heads.ts';
import type { Panel, View } from './panel.ts';

export function besideHeads(panel: Panel, room: () => Room): View {
  const half = (side: Side): { readonly side: Side; readonly view: View; readonly element: HTMLElement } => {
    const view = headsView({ ...panel, state: () => ownState(panel.state(), side) }, () => halfRoom(room()));
    const name = `${capitalised(side)} prompt`;
    return { side, view, element: h('div', { class: 'beside-half', role: 'group', 'aria-label': name }, h('h3', { class: 'beside-caption' }, name), view.element) };
  };
  const halves = [half('first'), half('second')];
  const element = h('div', { class: 'beside-heads' }, ...halves.map((one) => one.element));
  return {
    element,
    update: (state, previous) => {
      for (const { side, view } of halves) view.update(ownState(state, side), previous && isBeside(previous) ? ownState(previous, side) : null);
    },
  };
}
