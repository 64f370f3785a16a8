/** The tokens along one side of a large head: text of the document, thinned out where there is no room. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { h } from '../dom.ts';
import { edge, itemAt, labelStep, span } from '../geometry/axis.ts';
import type { Axis } from '../geometry/axis.ts';
import { tokenAt, tokenText, tokenTitle } from '../tokens/tokenText.ts';

/** CSS pixels from one label to the next. */
const PITCH = 14;

export interface AxisLabels {
  readonly element: HTMLElement;
  /** The labels of what is seen, from one device pixel to another. */
  show(tokens: readonly TokenInfo[], axis: Axis, from: number, until: number): void;
  /** The token under the cursor, whole. */
  point(tokens: readonly TokenInfo[], axis: Axis, at: number): void;
}

export function axisLabels(side: 'rows' | 'cols', name: string): AxisLabels {
  const list = h('div', { class: 'axis-list' });
  const now = h('div', { class: 'axis-now mono' });
  const element = h('div', { class: `axis axis-${side}`, role: 'group', 'aria-label': name }, list, now);
  const place = (label: HTMLElement, axis: Axis, at: number): void => {
    const { start, length } = span(axis, at);
    label.style[side === 'rows' ? 'top' : 'left'] = `${(start + length / 2) / devicePixelRatio}px`;
  };
  return {
    element,
    show: (tokens, axis, from, until) => {
      const step = labelStep(axis, PITCH * devicePixelRatio);
      const labels: HTMLElement[] = [];
      for (let at = Math.ceil(itemAt(axis, from) / step) * step; at < axis.count && edge(axis, at) < until; at += step) {
        const token = tokens[at];
        if (!token) continue;
        const label = h('div', { class: 'axis-label mono', title: tokenTitle(token, at) }, ...tokenText(token.text));
        label.dataset['middle'] = String(edge(axis, at));
        place(label, axis, at);
        labels.push(label);
      }
      list.replaceChildren(...labels);
    },
    point: (tokens, axis, at) => {
      const middle = edge(axis, at);
      for (const label of list.children) {
        if (label instanceof HTMLElement) label.style.visibility = Math.abs(Number(label.dataset['middle']) - middle) < PITCH * devicePixelRatio ? 'hidden' : '';
      }
      now.hidden = tokens[at] === undefined;
      now.textContent = tokenAt(tokens, at);
      place(now, axis, at);
    },
  };
}
