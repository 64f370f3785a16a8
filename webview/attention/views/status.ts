/** The line at the bottom: the cell under pointer or cursor in words, spoken as it changes. */
import { h } from '../../lib/dom.ts';
import { significant } from '../../../src/shared/format.ts';
import { isBeside } from '../model/beside.ts';
import { meanWords } from '../model/average.ts';
import { addressOf } from '../model/heads.ts';
import { axesOf, layerOf, positionOf, runTokens } from '../model/read.ts';
import { targetWords, writtenAt, writtenChoice, writtenPosition } from '../model/written.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import type { State } from '../model/state.ts';
import { habitsOf } from '../pattern/habits.ts';
import { nanHeads } from '../pattern/rows.ts';
import { cellOf } from './largeCell.ts';
import type { Panel, View } from './panel.ts';
import { cellWords } from './words.ts';

export interface StatusView extends View {
  say(text: string): void;
}

export function statusView(panel: Panel): StatusView {
  const line = h('div', { class: 'status-line mono', role: 'status', 'aria-live': 'polite' });
  const help = h('vscode-button', { appearance: 'icon', 'aria-label': 'Keys', title: 'Keys (?)', onclick: () => panel.dispatch({ kind: 'help', on: true }) }, '?');
  const element = h('footer', { class: 'status' }, line, help);
  let pointed = '';
  const show = (): void => {
    const text = pointed === '' ? atRest(panel, panel.state()) : pointed;
    if (line.textContent !== text) line.textContent = text;
  };
  return {
    element,
    say: (text) => {
      pointed = text;
      show();
    },
    update: (state, previous) => {
      // A key that moved the cursor says more than a pointer that happens to rest somewhere.
      if (state.source !== previous?.source || state.position !== previous.position || state.said !== previous.said) pointed = '';
      show();
    },
  };
}

/** What was just done, else the cursor's cell, else the selected head. */
function atRest(panel: Panel, state: State): string {
  if (state.said !== '') return state.said;
  const { head } = state;
  if (!head) return '';
  if (state.place === 'head') {
    const cell = cellOf(panel, state, { row: positionOf(state), col: state.source });
    return cell ? cellWords(cell) : addressOf(head);
  }
  const layer = layerOf(state, head);
  if (!layer) return addressOf(head);
  if (nanHeads(layer).includes(head.head)) return `${addressOf(head)} · holds NaN`;
  if (state.run?.difference) return `${addressOf(head)} · ${isBeside(state) ? 'both prompts' : 'second prompt − first'}`;
  const written = writtenChoice(state);
  const value = written && writtenAt(state, head);
  if (written && value !== undefined && value !== null) return `${addressOf(head)} · ${written === 'norm' ? 'norm of what it writes' : `adds to the logit of ${targetWords(state)}`} at ${tokenAt(axesOf(state, head).dest, writtenPosition(state, head))} · ${Number.isNaN(value) ? 'cannot be told' : significant(value)}`;
  const habits = habitsOf(layer, head.head, runTokens(state)).slice(0, 3).map(({ name, share }) => `${name} ${significant(share, 2)}`);
  return [addressOf(head), ...(state.run?.mean ? [meanWords(state.run.mean)] : []), ...habits].join(' · ');
}
