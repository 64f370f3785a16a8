import type { Child } from '../../lib/dom.ts';
import { h } from '../../lib/dom.ts';

export interface FigureEntry {
  readonly term: string;
  /** What the term means, on hover. */
  readonly about?: string;
  readonly value: Child;
}

/** Terms and their figures, in as many columns as there is room for. */
export const figureList = (label: string, entries: readonly FigureEntry[]): HTMLElement =>
  h('dl', { class: 'figures', 'aria-label': label },
    entries.map(({ term, about, value }) => h('div', {}, h('dt', { title: about }, term), h('dd', {}, value))));
