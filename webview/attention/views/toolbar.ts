/** The line at the top: what is shown, how the run goes, how to look at it, and what can be done. */
import '../../lib/toolbar.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { duration } from '../../../src/shared/format.ts';
import { pictureFormats, pictureWords } from '../../lib/export/picture.ts';
import { icon } from '../../lib/icons.ts';
import type { IconName } from '../../lib/icons.ts';
import { addressOf } from '../model/heads.ts';
import { takesImage } from '../model/prompt.ts';
import { canRun, isRunning, layerCount, layersCome, patternsOf, summaryOf } from '../model/read.ts';
import type { Run, State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

type Button = HTMLElementTagNameMap['vscode-button'];

const button = (name: IconName | null, label: string, title: string, onclick: () => void): Button =>
  h('vscode-button', { appearance: 'icon', 'aria-label': label, title, onclick }, name === null ? label : icon(name));

export function toolbarView(panel: Panel): View {
  const title = h('h1', { class: 'toolbar-title' });
  const back = h('button', { class: 'link', type: 'button', onclick: () => panel.dispatch({ kind: 'back' }) }, 'All heads');
  const place = h('span', { class: 'mono toolbar-address', 'aria-current': 'page' });
  const crumbs = h('nav', { class: 'toolbar-crumbs', 'aria-label': 'Address' });
  const words = h('span', { class: 'toolbar-progress muted', role: 'status' });
  const run = button('run', 'Run', 'Run the prompt (Ctrl+Enter)', panel.run);
  const cancel = button('stop', 'Cancel', 'Cancel the run and keep what has come', panel.cancel);
  const picture = button('attention', 'Picture', 'Show as a picture (t)', () => panel.dispatch({ kind: 'table', on: false }));
  const table = button('table', 'Table', 'Show as a table (t)', () => panel.dispatch({ kind: 'table', on: true }));
  const compare = button('compare', 'Compare with another prompt', 'Compare with another prompt (c)', () => panel.dispatch({ kind: 'compare', on: panel.state().compare === null }));
  const average = button('average', 'Average over a set of prompts', 'Average over a set of prompts (a)', () => panel.dispatch({ kind: 'average', on: panel.state().average === null }));
  const copy = button('copy', 'Copy address', 'Copy the address of the selected head (Ctrl+C)', () => {
    const { head } = panel.state();
    if (head) panel.copy(addressOf(head));
  });
  const python = button(null, 'Python', 'Copy what is shown as Python (TransformerLens)', () => panel.command('copyAsPython'));
  const csv = button(null, 'CSV', 'Save what is shown as CSV', () => panel.save('csv'));
  const pictures = pictureFormats.map((format) => button(null, format.toUpperCase(), `Save what is shown as ${pictureWords[format]}`, () => panel.save(format)));
  const bar = h('div', { class: 'progress-bar' });
  const element = h('header', { class: 'head-line' },
    h('div', { class: 'toolbar' }, 
      h('div', { class: 'toolbar-place' }, title, crumbs), words, h('span', { class: 'toolbar-run' }, cancel, run),
      h('span', { class: 'toolbar-views' }, compare, average, picture, table), h('span', { class: 'toolbar-exports' }, copy, python, csv, pictures)),
    h('div', { class: 'progress', role: 'progressbar', 'aria-label': 'Run' }, bar));

  return {
    element,
    update: (state) => {
      const { run: now, head } = state;
      title.textContent = state.model?.title ?? '';
      title.title = state.model?.uri ?? '';
      const isOpen = state.place === 'head' && head !== null;
      place.textContent = isOpen ? addressOf(head) : 'All heads';
      crumbs.replaceChildren(...(isOpen ? [back, '›', place] : [place]));
      words.textContent = progressWords(state);
      words.dataset['run'] = `${now?.serial ?? 0} ${now?.phase ?? ''}`;
      run.hidden = isRunning(now) || state.model?.trusted === false;
      run.disabled = !canRun(state);
      cancel.hidden = !isRunning(now);
      bar.style.width = isRunning(now) ? `${(100 * (now?.stage ?? 0)) / Math.max(now?.stages ?? 1, 1)}%` : '0';
      bar.parentElement?.setAttribute('aria-valuenow', String(isRunning(now) ? Math.round((100 * (now?.stage ?? 0)) / Math.max(now?.stages ?? 1, 1)) : 0));
      compare.hidden = average.hidden = takesImage(summaryOf(state));
      compare.disabled = !canRun(state);
      compare.setAttribute('aria-pressed', String(state.compare !== null));
      compare.classList.toggle('pressed', state.compare !== null);
      average.disabled = !canRun(state);
      average.setAttribute('aria-pressed', String(state.average !== null));
      average.classList.toggle('pressed', state.average !== null);
      picture.setAttribute('aria-pressed', String(!state.table));
      table.setAttribute('aria-pressed', String(state.table));
      picture.classList.toggle('pressed', !state.table);
      table.classList.toggle('pressed', state.table);
      const hasPatterns = patternsOf(state).size > 0;
      for (const one of [python, csv, ...pictures]) one.disabled = !hasPatterns;
      copy.disabled = head === null;
    },
  };
}

/** "layer 3 of 12 · 40 ms · about 120 ms left" */
function progressWords(state: State): string {
  const { run } = state;
  if (!run) return '';
  if (state.average?.shown === 'mean') return averageWords(run);
  const layers = layerCount(state);
  const came = layersCome(run);
  const time = run.ms > 0 ? ` · ${duration(run.ms)}` : '';
  switch (run.phase) {
    case 'starting':
      return 'starting';
    case 'running': {
      const left = run.stage > 0 ? (run.ms / run.stage) * (run.stages - run.stage) : 0;
      return `${came < layers ? `layer ${came + 1} of ${layers}` : 'predictions'}${time}${left >= 1000 ? ` · about ${duration(left)} left` : ''}`;
    }
    case 'done':
      return duration(run.ms);
    case 'cancelled':
      return `cancelled after layer ${came} of ${layers}`;
    case 'failed':
      return `stopped after layer ${came} of ${layers}`;
    default:
      return run.phase satisfies never;
  }
}

/** "prompt 3 of 20 · 40 ms · about 2 s left" */
function averageWords({ phase, stage, stages, ms, mean }: Run): string {
  switch (phase) {
    case 'starting':
      return 'starting';
    case 'running': {
      const left = stage > 0 ? (ms / stage) * (stages - stage) : 0;
      return `prompt ${Math.min(stage + 1, stages)} of ${stages}${ms > 0 ? ` · ${duration(ms)}` : ''}${left >= 1000 ? ` · about ${duration(left)} left` : ''}`;
    }
    case 'done':
      return duration(ms);
    case 'cancelled':
      return `cancelled after ${mean?.prompts ?? 0} of ${stages} prompts`;
    case 'failed':
      return `stopped after ${mean?.prompts ?? 0} of ${stages} prompts`;
    default:
      return phase satisfies never;
  }
}
