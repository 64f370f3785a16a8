/** The logit as a sum: what each part of the model wrote, with the check that the parts add up. */
import '../../lib/controls.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { fixed, significant } from '../../../src/shared/format.ts';
import { mean } from '../../../src/shared/mean.ts';
import type { Attribution } from '../../../src/shared/protocol/lensApi.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { aboutIcon } from '../../lib/about.ts';
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { summands } from '../model/read.ts';
import type { Summand } from '../model/read.ts';
import { groupings } from '../model/state.ts';
import type { Grouping, State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

const groupingWords: Readonly<Record<Grouping, string>> = { layer: 'by layer', kind: 'by kind', part: 'each part, largest first' };

const about = {
  label: 'About this sum',
  text: 'Direct logit attribution: what each part writes into the stream, through the final norm at its scale in this run and the unembedding. It leaves out what a part does by way of later ones. See Elhage et al. (2021), Wang et al. (2022).',
};

export function partsView(panel: Panel): View {
  const title = h('span', { class: 'parts-title' });
  const grouping = h('vscode-dropdown', { class: 'parts-grouping', 'aria-label': 'Parts', onchange: () => panel.dispatch({ kind: 'grouping', grouping: groupings.find((one) => one === grouping.value) ?? 'layer' }) },
    ...groupings.map((one) => h('vscode-option', { value: one }, groupingWords[one])));
  const check = h('p', { class: 'parts-check' });
  const notes = h('ul', { class: 'muted parts-notes' });
  const rows = h('tbody', {});
  const table = h('table', { class: 'parts-table' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Part'), h('th', { scope: 'col', class: 'number' }, 'Logit'), h('th', { scope: 'col' }, h('span', { class: 'spoken' }, 'Bar')))), rows);
  const hint = h('p', { class: 'muted' });
  const element = h('section', { class: 'parts', 'aria-label': 'Direct logit attribution', 'data-vscode-context': contextOf('lens', '') },
    h('div', { class: 'section-line' }, h('h2', { class: 'section-head' }, 'Direct logit attribution'), aboutIcon(about, (text) => panel.dispatch({ kind: 'said', text })), grouping, title), hint, check, table, notes);
  return {
    element,
    update: (state, previous) => {
      const { parts, run } = state;
      element.hidden = run?.phase !== 'done';
      if (previous && previous.parts === parts && previous.run === run && previous.grouping === state.grouping) return;
      if (grouping.value !== state.grouping) grouping.value = state.grouping;
      const value = parts?.value ?? null;
      hint.textContent = hintOf(state);
      hint.hidden = hint.textContent === '';
      for (const part of [grouping, table, check, notes, title]) part.hidden = !value;
      if (!value) return;
      title.textContent = titleOf(value);
      check.replaceChildren(...checkOf(value));
      const sums = summands(value.parts, state.grouping);
      const most = Math.max(...sums.map(({ value: one }) => Math.abs(one)), Number.MIN_VALUE);
      rows.replaceChildren(...sums.map((sum) => rowOf(panel, sum, most)));
      notes.replaceChildren(...value.notes.map((note) => h('li', {}, note)));
    },
  };
}

function hintOf({ parts, run }: State): string {
  if (!run?.frame?.target) return 'Type a token above and run to see which parts of the model wrote its logit.';
  if (parts?.error) return sentence(parts.error);
  return parts?.value ? '' : 'Taking the logit apart…';
}

/** Positions that the title names; beyond, it counts them. */
const MOST_NAMED = 4;

const nameOf = ({ target, distractor }: Attribution): string => (distractor ? `${plainToken(target.text)} − ${plainToken(distractor.text)}` : plainToken(target.text));

const titleOf = (value: Attribution): string => (value.positions.length === 1
  ? `${nameOf(value)} after ${tokenAt(value.tokens, value.positions[0] ?? 0)}`
  : `${nameOf(value)} · mean after ${value.positions.length <= MOST_NAMED ? value.positions.map((position) => tokenAt(value.tokens, position)).join(', ') : `${value.positions.length} tokens`}`);

/** The sum, what is left, and what rounding explains of it; then how the numbers were made. */
function checkOf(value: Attribution): readonly (Node | string)[] {
  const isOne = value.positions.length === 1;
  const [logit, remainder] = [mean(value.logit), mean(value.remainder)];
  const holds = value.remainder.every((left) => Math.abs(left) <= value.tolerance);
  const scale = value.norm === 'none' ? 'no final norm' : `final norm divides by ${isOne ? significant(value.scale[0] ?? NaN) : `${significant(Math.min(...value.scale))} to ${significant(Math.max(...value.scale))}`}, frozen`;
  return [
    h('span', { class: 'number' }, `${isOne ? '' : 'means: '}parts ${fixed(logit - remainder, 4)} + remainder ${significant(remainder, 2)} = ${value.distractor ? 'difference of logits' : 'logit'} ${fixed(logit, 4)}`),
    h('span', { class: holds ? 'muted' : 'parts-missing' }, holds ? `rounding explains up to ${significant(value.tolerance, 2)}` : `rounding explains only ${significant(value.tolerance, 2)}: something is missing among the parts`),
    h('span', { class: 'muted' }, `${value.weights} weights · ${scale}`),
  ];
}

function rowOf(panel: Panel, { name, value, address }: Summand, most: number): HTMLElement {
  const bar = h('span', { class: `parts-bar${value < 0 ? ' parts-below' : ''}` });
  bar.style.width = `${(50 * Math.abs(value)) / most}%`;
  return h('tr', {},
    h('th', { scope: 'row', class: 'mono' }, address === null ? name : h('button', { class: 'link mono', type: 'button', title: `Open ${address} in the attention panel`, onclick: () => panel.openHead(address) }, name)),
    h('td', { class: 'number', title: significant(value, 6) }, fixed(value, 3)), h('td', { class: 'parts-track' }, bar));
}
