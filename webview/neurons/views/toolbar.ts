/** The line at the top: which neuron of which model, the ones beside it, how to look at it, and what can be done. */
import '../../lib/toolbar.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import type { IconName } from '../../lib/icons.ts';
import { layerOf, neuronsOf, stepNeuron, whyNoNeuron } from '../model/neurons.ts';
import type { Step } from '../model/neurons.ts';
import type { Panel, View } from './panel.ts';

type Button = HTMLElementTagNameMap['vscode-button'];

const button = (face: IconName | null, label: string, title: string, onclick: () => void): Button =>
  h('vscode-button', { appearance: 'icon', 'aria-label': label, title, onclick }, face === null ? label : icon(face));

export interface ToolbarView extends View {
  focusAddress(): void;
}

export function toolbarView(panel: Panel): ToolbarView {
  const title = h('h1', { class: 'toolbar-title' });
  const address = h('input', {
    class: 'neuron-address mono', type: 'text', 'aria-label': 'Neuron', title: 'Address of a neuron; Enter shows it (/)', spellcheck: 'false', autocomplete: 'off',
    onkeydown: (event) => {
      if (event.key === 'Enter') go();
      if (event.key !== 'Escape') return;
      address.value = panel.state().address ?? '';
      address.blur();
    },
  });
  const problem = h('span', { class: 'neuron-problem', role: 'alert' });
  const go = (): void => {
    const text = address.value.trim();
    const why = whyNoNeuron(neuronsOf(panel.state().model), text);
    problem.textContent = why ?? '';
    if (why === undefined) panel.dispatch({ kind: 'address', address: text });
  };
  const steps = ([
    ['previous', 'Previous neuron', 'Previous neuron ([)', 'previous'], ['expand', 'Next neuron', 'Next neuron (])', 'next'],
  ] as const).map(([face, label, tip, step]) => ({ step: step satisfies Step, element: button(face, label, tip, () => panel.step(step)) }));
  const picture = button('attention', 'Picture', 'Show as texts (t)', () => panel.dispatch({ kind: 'table', on: false }));
  const table = button('table', 'Table', 'Show as a table (t)', () => panel.dispatch({ kind: 'table', on: true }));
  const copy = button('copy', 'Copy address', 'Copy the neuron’s address (Ctrl+C)', () => panel.copy(panel.state().address ?? ''));
  const saves = (['csv', 'svg', 'json'] as const).map((format) => button(null, format.toUpperCase(), `Save what the index has of this neuron as ${format.toUpperCase()}`, () => panel.save(format)));
  const element = h('header', { class: 'head-line' },
    h('div', { class: 'toolbar' },
      h('div', { class: 'toolbar-place' }, title, h('nav', { class: 'toolbar-crumbs', 'aria-label': 'Neuron' }, address, steps.map((step) => step.element), problem)),
      h('span', { class: 'toolbar-views' }, picture, table), h('span', { class: 'toolbar-exports' }, copy, saves)));

  return {
    element,
    focusAddress: () => {
      address.focus();
      address.select();
    },
    update: (state, previous) => {
      const layers = neuronsOf(state.model);
      title.textContent = state.model?.title ?? '';
      title.title = state.model?.uri ?? '';
      if (state.address !== previous?.address) {
        address.value = state.address ?? '';
        problem.textContent = '';
        element.dataset['vscodeContext'] = JSON.stringify({ webviewSection: 'neuron', address: state.address, preventDefaultContextMenuItems: true });
      }
      address.disabled = layers.length === 0;
      for (const { step, element: one } of steps) one.disabled = state.address === null || stepNeuron(layers, state.address, step) === undefined;
      copy.disabled = state.address === null || layerOf(layers, state.address) === undefined;
      for (const one of saves) one.disabled = state.figures.kind !== 'there';
      for (const [one, on] of [[picture, !state.table], [table, state.table]] as const) {
        one.setAttribute('aria-pressed', String(on));
        one.classList.toggle('pressed', on);
      }
    },
  };
}
