/** How often the neuron has which activation. */
import { count, significant } from '../../../src/shared/format.ts';
import type { NeuronFigures } from '../../../src/shared/neurons/figures.ts';
import { aboutIcon } from '../../lib/about.ts';
import { h } from '../../lib/dom.ts';
import type { Panel, View } from './panel.ts';

const about = { label: 'About the histogram', text: 'Activations of tokens drawn from the texts, in bins equally wide; the height is the logarithm of their number, since most lie close to 0.' };

export function histogramView(panel: Panel): View {
  const picture = h('div', { class: 'histogram', role: 'img' });
  const axis = h('div', { class: 'histogram-axis number muted' });
  const element = h('section', { 'aria-label': 'Histogram' }, h('div', { class: 'side-title' }, h('h2', { class: 'section-head' }, 'Activations'), aboutIcon(about, (text) => panel.dispatch({ kind: 'said', text }))), picture, axis);
  return {
    element,
    update: ({ figures }, previous) => {
      element.hidden = figures.kind !== 'there';
      if (figures.kind !== 'there' || previous?.figures === figures) return;
      const { histogram } = figures.value;
      picture.replaceChildren(...bins(histogram).map(({ size, share, from, to }) => {
        const bar = h('span', { class: 'histogram-bar' });
        bar.style.height = `${100 * share}%`;
        return h('span', { class: 'histogram-bin', title: `${significant(from)} to ${significant(to)}: ${count(size)} tokens` }, bar);
      }));
      picture.setAttribute('aria-label', histogramWords(histogram));
      axis.replaceChildren(h('span', {}, significant(histogram.low)), h('span', {}, significant(histogram.high)));
    },
  };
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  /** Of the height, 0..1. */
  readonly share: number;
}

export function bins({ low, high, counts }: NeuronFigures['histogram']): readonly Bin[] {
  const most = Math.log1p(Math.max(...counts, 1));
  const width = (high - low) / Math.max(counts.length, 1);
  return counts.map((size, at) => ({ from: low + at * width, to: low + (at + 1) * width, size, share: Math.log1p(size) / most }));
}

function histogramWords(histogram: NeuronFigures['histogram']): string {
  const [fullest] = [...bins(histogram)].sort((a, b) => b.size - a.size);
  return `Histogram of ${count(histogram.sampled)} activations from ${significant(histogram.low)} to ${significant(histogram.high)}${fullest ? `; most, ${count(fullest.size)}, lie from ${significant(fullest.from)} to ${significant(fullest.to)}` : ''}`;
}
