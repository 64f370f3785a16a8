/** The line at the top: what is shown, how the sweep goes, how to look at it, and what can be done. */
import '../../lib/toolbar.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import type { IconName } from '../../lib/icons.ts';
import { canGoOn, canRun, cellOf, isRunning } from '../model/read.ts';
import { kindWords, progressWords } from '../model/words.ts';
import type { Panel, View } from './panel.ts';

type Button = HTMLElementTagNameMap['vscode-button'];

const button = (name: IconName | null, label: string, title: string, onclick: () => void): Button =>
  h('vscode-button', { appearance: 'icon', 'aria-label': label, title, onclick }, name === null ? label : icon(name));

export function toolbarView(panel: Panel): View {
  const title = h('h1', { class: 'toolbar-title' });
  const place = h('span', { class: 'toolbar-address', 'aria-current': 'page' });
  const words = h('span', { class: 'toolbar-progress muted' });
  // Said when a sweep begins and when it has ended: every step of it would never let a reader rest.
  const spoken = h('span', { class: 'spoken', role: 'status' });
  const run = button('run', 'Run', 'Run all cells (Ctrl+Enter)', panel.run);
  const goOn = button(null, 'Go on', 'Run the cells that are missing (Ctrl+Enter)', panel.goOn);
  const cancel = button('stop', 'Cancel', 'Cancel and keep what has come', panel.cancel);
  const picture = button('attention', 'Picture', 'Show as a picture (t)', () => panel.dispatch({ kind: 'table', on: false }));
  const table = button('table', 'Table', 'Show as a table (t)', () => panel.dispatch({ kind: 'table', on: true }));
  const copy = button('copy', 'Copy address', 'Copy the address of the selected cell (Ctrl+C)', () => {
    const cell = cellOf(panel.state());
    if (cell) panel.copy(cell.address);
  });
  const csv = button(null, 'CSV', 'Save all cells as CSV', () => panel.save('csv'));
  const svg = button(null, 'SVG', 'Save the heat maps as SVG', () => panel.save('svg'));
  const bar = h('div', { class: 'progress-bar' });
  const progress = h('div', { class: 'progress', role: 'progressbar', 'aria-label': 'Run' }, bar);
  const element = h('header', { class: 'head-line' },
    h('div', { class: 'toolbar' },
      h('div', { class: 'toolbar-place' }, title, h('nav', { class: 'toolbar-crumbs', 'aria-label': 'Address' }, place)), words, spoken, h('span', { class: 'toolbar-run' }, cancel, goOn, run),
      h('span', { class: 'toolbar-views' }, picture, table), h('span', { class: 'toolbar-exports' }, copy, csv, svg)),
    progress);

  return {
    element,
    update: (state) => {
      const { run: now } = state;
      const isBusy = isRunning(now);
      title.textContent = state.source?.name ?? state.model?.title ?? '';
      title.title = state.source?.uri ?? state.model?.uri ?? '';
      place.textContent = kindWords[state.form.kind];
      const said = progressWords(now);
      if (words.textContent !== said) words.textContent = said;
      const aloud = isBusy ? 'running' : said;
      if (spoken.textContent !== aloud) spoken.textContent = aloud;
      words.dataset['run'] = `${now?.serial ?? 0} ${now?.phase ?? ''}`;
      const focused = [run, goOn, cancel].find((one) => one === document.activeElement);
      run.hidden = isBusy || state.model?.trusted === false;
      run.disabled = !canRun(state);
      goOn.hidden = isBusy || !canGoOn(state) || !canRun(state);
      cancel.hidden = !isBusy;
      // A button that goes hands the focus to the one that takes its place.
      if (focused?.hidden) [cancel, goOn, run].find((one) => !one.hidden && !one.disabled)?.focus();
      const share = isBusy && now ? now.done / Math.max(now.of, 1) : 0;
      bar.style.width = `${100 * share}%`;
      progress.setAttribute('aria-valuenow', String(Math.round(100 * share)));
      for (const [one, isOn] of [[picture, !state.table], [table, state.table]] as const) {
        one.setAttribute('aria-pressed', String(isOn));
        one.classList.toggle('pressed', isOn);
      }
      csv.disabled = svg.disabled = !now?.frame;
      copy.disabled = cellOf(state) === null;
    },
  };
}
