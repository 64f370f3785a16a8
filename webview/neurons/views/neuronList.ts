/** Neurons one below the other, each with what is said of it; a press shows it. */
import { h } from '../../lib/dom.ts';
import type { Panel } from './panel.ts';

export interface ListedNeuron {
  readonly address: string;
  readonly words: string;
  readonly figure: string;
  /** What the figure is. */
  readonly title: string;
}

export const neuronList = (panel: Panel, label: string, neurons: readonly ListedNeuron[]): HTMLElement => h('ul', { class: 'neuron-list', 'aria-label': label },
  neurons.map(({ address, words, figure, title }) => h('li', {}, h('button', {
    class: 'neuron-item', type: 'button', title: `${address}: ${words === '' ? 'no reading' : words}\n${title}`, onclick: () => panel.dispatch({ kind: 'address', address }),
    'data-vscode-context': JSON.stringify({ webviewSection: 'neuron', address, preventDefaultContextMenuItems: true }),
  }, h('span', { class: 'mono neuron-item-address' }, address), h('span', { class: 'neuron-item-words muted' }, words), h('span', { class: 'number' }, figure)))));
