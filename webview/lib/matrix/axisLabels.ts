/** The labels along one side of a picture, most often tokens: text of the document, thinned out where there is no room. */
import { h } from '../dom.ts';
import { edge, itemAt, labelStep, span } from '../geometry/axis.ts';
import type { Axis } from '../geometry/axis.ts';
import { tokenText } from '../tokens/tokenText.ts';
import type { LabelAt } from './labelAt.ts';

/** CSS pixels from one label to the next, where they stand across their axis. */
const PITCH = 14;
/** Labels on either side of the one under the cursor that can be read where labels are thinned out. */
const REACH = 4;
/** CSS pixels that the one under the cursor takes beyond its pitch, on either side. */
const BOLD = 3;

export interface AxisLabels {
  readonly element: HTMLElement;
  /** The labels of what is seen, from one device pixel to another. */
  show(labels: LabelAt, axis: Axis, from: number, until: number): void;
  /** The label under the cursor, whole, and around it its neighbours where labels are thinned out. */
  point(labels: LabelAt, axis: Axis, at: number): void;
}

export function axisLabels(side: 'rows' | 'cols', name: string, pitch = PITCH): AxisLabels {
  const list = h('div', { class: 'axis-list' });
  const now = h('div', { class: 'axis-now mono' });
  const near = h('div', { class: 'axis-near', 'aria-hidden': 'true' });
  const element = h('div', { class: `axis axis-${side}`, role: 'group', 'aria-label': name }, list, near, now);
  const place = (label: HTMLElement, axis: Axis, at: number): void => {
    const { start, length } = span(axis, at);
    label.style[side === 'rows' ? 'top' : 'left'] = `${(start + length / 2) / devicePixelRatio}px`;
  };
  return {
    element,
    show: (labelAt, axis, from, until) => {
      const step = labelStep(axis, pitch * devicePixelRatio);
      const labels: HTMLElement[] = [];
      for (let at = Math.ceil(itemAt(axis, from) / step) * step; at < axis.count && edge(axis, at) < until; at += step) {
        const one = labelAt(at);
        if (!one) continue;
        const label = h('div', { class: 'axis-label mono', title: one.title }, ...tokenText(one.text));
        const { start, length } = span(axis, at);
        label.dataset['middle'] = String(start + length / 2);
        place(label, axis, at);
        labels.push(label);
      }
      list.replaceChildren(...labels);
    },
    point: (labelAt, axis, at) => {
      const { start, length } = span(axis, at);
      const middle = start + length / 2;
      const room = pitch * devicePixelRatio;
      const pointed = labelAt(at);
      const around = pointed && labelStep(axis, room) > 1 ? neighbours(axis.count, at).filter((one) => fits(axis, middle + (one - at) * room)) : [];
      const [first, last] = [Math.min(at, ...around), Math.max(at, ...around)];
      for (const label of list.children) {
        const from = label instanceof HTMLElement ? Number(label.dataset['middle']) - middle : 0;
        if (label instanceof HTMLElement) label.style.visibility = pointed && from > (first - at - 1) * room && from < (last - at + 1) * room ? 'hidden' : '';
      }
      near.replaceChildren(...around.map((one) => {
        const label = h('div', { class: 'axis-label mono' }, ...tokenText(labelAt(one)?.text ?? ''));
        label.style[side === 'rows' ? 'top' : 'left'] = `${middle / devicePixelRatio + (one - at) * pitch + Math.sign(one - at) * BOLD}px`;
        return label;
      }));
      now.hidden = pointed === undefined;
      now.textContent = pointed?.whole ?? '';
      place(now, axis, at);
    },
  };
}

const neighbours = (count: number, at: number): readonly number[] =>
  Array.from({ length: 2 * REACH + 1 }, (_, index) => at - REACH + index).filter((one) => one !== at && one >= 0 && one < count);

const fits = (axis: Axis, pixel: number): boolean => pixel >= 0 && pixel <= axis.size;
