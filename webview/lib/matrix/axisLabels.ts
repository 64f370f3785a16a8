/** The labels along one side of a picture, most often tokens: text of the document, thinned out where there is no room. */
import { h } from '../dom.ts';
import { edge, itemAt, labelStep, span } from '../geometry/axis.ts';
import type { Axis } from '../geometry/axis.ts';
import { tokenText } from '../tokens/tokenText.ts';
import type { AxisLabel, LabelAt } from './labelAt.ts';

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
  /** Labels that stand there, by their items: what is moved keeps most of them. */
  let standing: { readonly labelAt: LabelAt; readonly labels: ReadonlyMap<number, HTMLElement> } | undefined;

  return {
    element,
    show: (labelAt, axis, from, until) => {
      const step = labelStep(axis, pitch * devicePixelRatio);
      const known = standing?.labelAt === labelAt ? standing.labels : undefined;
      const labels = new Map<number, HTMLElement>();
      for (let at = Math.ceil(itemAt(axis, from) / step) * step; at < axis.count && edge(axis, at) < until; at += step) {
        const label = known?.get(at) ?? labelElement(labelAt(at));
        if (!label) continue;
        const { start, length } = span(axis, at);
        const middle = String(start + length / 2);
        if (label.dataset['middle'] !== middle) {
          label.dataset['middle'] = middle;
          place(label, axis, at);
        }
        labels.set(at, label);
      }
      standing = { labelAt, labels };
      keepChildren(list, [...labels.values()]);
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
        const visibility = pointed && from > (first - at - 1) * room && from < (last - at + 1) * room ? 'hidden' : '';
        if (label instanceof HTMLElement && label.style.visibility !== visibility) label.style.visibility = visibility;
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

const labelElement = (label: AxisLabel | undefined): HTMLElement | undefined => label && h('div', { class: 'axis-label mono', title: label.title }, ...tokenText(label.text));

/** Makes these the children, touching those only that come and go. */
function keepChildren(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const kept = new Set<Element>(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

const neighbours = (count: number, at: number): readonly number[] =>
  Array.from({ length: 2 * REACH + 1 }, (_, index) => at - REACH + index).filter((one) => one !== at && one >= 0 && one < count);

const fits = (axis: Axis, pixel: number): boolean => pixel >= 0 && pixel <= axis.size;
