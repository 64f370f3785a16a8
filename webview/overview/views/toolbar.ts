import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import type { IconName } from '../../lib/icons.ts';
import type { Actions } from '../actions.ts';
import { isCheckable } from './checks.ts';

export interface Toolbar {
  readonly element: HTMLElement;
  update(model: PanelModel, checking: boolean): void;
}

/** The line at the top. Its buttons stay where they are and only change what they do, so that focus is never lost. */
export function toolbar(actions: Actions, showKeys: () => void): Toolbar {
  const title = h('h1', { class: 'toolbar-title' });
  const attention = h('vscode-button', { onclick: () => actions.openAttention(null) }, 'Open attention');
  let checking = false;
  const check = h('vscode-button', { appearance: 'secondary', onclick: () => (checking ? actions.cancelChecks() : actions.runChecks()) }, 'Run checks');
  const bar = h('div', { class: 'progress', 'aria-hidden': 'true' }, h('div', { class: 'progress-bar' }));
  return {
    element: h('header', { class: 'top' },
      h('div', { class: 'toolbar' }, title,
        h('div', { class: 'toolbar-actions' }, attention, check,
          iconButton('reload', 'Reload model', () => actions.command('reloadModel')),
          iconButton('keys', 'Keys', showKeys))),
      bar),
    update: (model, running) => {
      const { state } = model;
      const summary = state.kind === 'open' ? state.summary : undefined;
      checking = running;
      title.textContent = model.title;
      title.title = decodeURIComponent(model.uri.replace(/^file:\/\//, ''));
      attention.hidden = summary === undefined || !summary.towers.some((tower) => tower.blocks.some((block) => block.attention !== null));
      check.hidden = summary === undefined || !isCheckable(summary) || !model.trusted;
      check.textContent = running ? 'Cancel checks' : 'Run checks';
      bar.classList.toggle('progress-busy', running || state.kind === 'loading');
    },
  };
}

const iconButton = (name: IconName, label: string, onclick: () => void): HTMLElement =>
  h('vscode-button', { appearance: 'icon', 'aria-label': label, title: label, onclick }, icon(name));
