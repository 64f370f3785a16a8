/** An opened head of both prompts beside each other, on the columns of both: one cursor, one zoom, one scroll. */
import './beside.css';
import { h } from '../../lib/dom.ts';
import type { Cell } from '../../lib/matrix/scrolled.ts';
import { capitalised } from '../../../src/shared/format.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { besideState, isBeside, ownAxes } from '../model/beside.ts';
import type { Side } from '../model/compare.ts';
import { positionOf, runTokens, sourceTokens } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';
import { cellOf } from './largeCell.ts';
import { matrixView } from './matrix.ts';
import type { LockedMatrix, MatrixView } from './matrix.ts';
import type { Panel } from './panel.ts';
import { cellWords } from './words.ts';

/** CSS pixels from which both stand in one line, and between them. */
export const [BESIDE_WIDE, BESIDE_GAP] = [720, 24];

/** Either prompt's share of the room: half the width, or all of it where one stands below the other. */
export const halfRoom = ({ width, ...other }: Room): Room => ({ width: width >= BESIDE_WIDE ? (width - BESIDE_GAP) / 2 : width, ...other });

interface Half {
  readonly side: Side;
  readonly matrix: LockedMatrix;
  readonly caption: HTMLElement;
  readonly element: HTMLElement;
}

export function besideView(panel: Panel, room: () => Room): MatrixView {
  const half = (side: Side): Half => {
    // What is said of a cell is said of both prompts, by this view.
    const own: Panel = { ...panel, state: () => besideState(panel.state(), side), say: () => undefined };
    const matrix = matrixView(own, () => halfRoom(room()), (at) => point(side, at));
    const caption = h('h3', { class: 'beside-caption' });
    const lead = (): void => {
      leader = side;
    };
    return {
      side, matrix, caption,
      element: h('div', { class: 'beside-half', role: 'group', 'aria-label': `${capitalised(side)} prompt`, onpointerdown: lead, onwheel: lead, onfocusin: lead }, caption, matrix.element),
    };
  };
  /** The one that was touched last: the other one scrolls as it does. */
  let leader: Side = 'first';
  const halves = [half('first'), half('second')] as const;
  const otherOf = (side: Side): Half => halves[side === 'first' ? 1 : 0];
  const halfOf = (side: Side): Half => halves[side === 'first' ? 0 : 1];
  const element = h('div', { class: 'beside' }, ...halves.map((one) => one.element));

  const scrollAlike = (from: Half): void => {
    const { element: to } = otherOf(from.side).matrix;
    const { scrollLeft, scrollTop } = from.matrix.element;
    if (to.scrollLeft !== scrollLeft || to.scrollTop !== scrollTop) [to.scrollLeft, to.scrollTop] = [scrollLeft, scrollTop];
  };
  for (const one of halves) one.matrix.element.addEventListener('scroll', () => scrollAlike(one));

  const caption = (state: State, at: Cell): void => {
    for (const one of halves) one.caption.replaceChildren(...captionOf(besideState(state, one.side), one.side, at, state));
  };

  const point = (side: Side, at: Cell | null): void => {
    otherOf(side).matrix.follow(at);
    const state = panel.state();
    const cell = at && cellOf(panel, state, at);
    panel.say(cell ? cellWords(cell) : '');
    caption(state, at ?? { row: positionOf(state), col: state.source });
  };

  return {
    element,
    focus: () => halfOf(leader).matrix.focus(),
    update: (state, previous) => {
      if (!isBeside(state)) return;
      const [first, second] = [halfOf(leader), otherOf(leader)];
      for (const { side, matrix } of [first, second]) matrix.update(besideState(state, side), previous && isBeside(previous) ? besideState(previous, side) : null);
      scrollAlike(first);
      caption(state, { row: positionOf(state), col: state.source });
    },
  };
}

/** "Second prompt", and which token of the other one it has not. */
function captionOf(own: State, side: Side, { row, col }: Cell, both: State): readonly (Node | string)[] {
  const axes = ownAxes(own);
  const lacks = axes ? [...new Set([...(axes.dest[row] === null ? [word(runTokens(both), row)] : []), ...(axes.source[col] === null ? [word(sourceTokens(both), col)] : [])])] : [];
  return [`${capitalised(side)} prompt`, ...(lacks.length === 0 ? [] : [h('span', { class: 'muted' }, ' · has no ', h('span', { class: 'mono' }, lacks.join(', ')))])];
}

/** The token of a column that only one prompt has: its mark, plus or minus, stands before it. */
const word = (tokens: readonly TokenInfo[], at: number): string => plainToken((tokens[at]?.text ?? '').slice(1));
