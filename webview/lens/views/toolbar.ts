/** The line at the top: what is shown, how the run goes, and what can be done. */
import '../../lib/toolbar.css';
import '../../lib/controls.ts';
import { duration } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { pictureFormats, pictureWords } from '../../lib/export/picture.ts';
import { icon } from '../../lib/icons.ts';
import type { IconName } from '../../lib/icons.ts';
import { canRun, isRunning } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

type Button = HTMLElementTagNameMap['vscode-button'];

const button = (name: IconName | null, label: string, title: string, onclick: () => void): Button =>
  h('vscode-button', { appearance: 'icon', 'aria-label': label, title, onclick }, name === null ? label : icon(name));

export function toolbarView(panel: Panel): View {
  const title = h('h1', { class: 'toolbar-title' });
  const words = h('span', { class: 'toolbar-progress muted', role: 'status' });
  const run = button('run', 'Run', 'Read every state of the prompt (Ctrl+Enter)', panel.run);
  const cancel = button('stop', 'Cancel', 'Cancel and keep what has come', panel.cancel);
  const copy = button('copy', 'Copy address', 'Copy the address of the selected state (Ctrl+C)', () => {
    const { run: now, cell } = panel.state();
    const address = cell && now?.frame?.states[cell.state]?.address;
    if (address) panel.copy(address);
  });
  const python = button(null, 'Python', 'Copy what is shown as Python (TransformerLens)', () => panel.command('copyLensAsPython'));
  const csv = button(null, 'CSV', 'Save all cells and parts as CSV', () => panel.save('csv'));
  const pictures = pictureFormats.map((format) => button(null, format.toUpperCase(), `Save what is shown as ${pictureWords[format]}`, () => panel.save(format)));
  const bar = h('div', { class: 'progress-bar' });
  const progress = h('div', { class: 'progress', role: 'progressbar', 'aria-label': 'Run' }, bar);
  const element = h('header', { class: 'head-line' },
    h('div', { class: 'toolbar' },
      h('div', { class: 'toolbar-place' }, title, h('nav', { class: 'toolbar-crumbs', 'aria-label': 'Address' }, h('span', { class: 'toolbar-address', 'aria-current': 'page' }, 'Lens'))),
      words, h('span', { class: 'toolbar-run' }, cancel, run), h('span', { class: 'toolbar-exports' }, copy, python, csv, pictures)),
    progress);
  return {
    element,
    update: (state) => {
      const { run: now } = state;
      title.textContent = state.model?.title ?? '';
      title.title = state.model?.uri ?? '';
      const said = progressWords(state);
      if (words.textContent !== said) words.textContent = said;
      words.dataset['run'] = `${now?.serial ?? 0} ${now?.phase ?? ''}`;
      run.hidden = isRunning(state) || state.model?.trusted === false;
      run.disabled = !canRun(state);
      cancel.hidden = !isRunning(state);
      const share = isRunning(state) && now ? now.stage / Math.max(now.stages, 1) : 0;
      bar.style.width = `${100 * share}%`;
      progress.setAttribute('aria-valuenow', String(Math.round(100 * share)));
      for (const one of [python, csv, ...pictures]) one.disabled = !now?.frame;
      copy.disabled = state.cell === null || !now?.frame;
    },
  };
}

function progressWords({ run }: State): string {
  if (!run) return '';
  switch (run.phase) {
    case 'running': return run.stages === 0 ? 'starting' : `stage ${run.stage} of ${run.stages}`;
    case 'done': return duration(run.ms);
    case 'cancelled': return 'cancelled';
    case 'failed': return 'stopped';
    default: return run.phase satisfies never;
  }
}
