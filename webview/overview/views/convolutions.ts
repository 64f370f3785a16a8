/** The convolutions of a tower, each with what it makes. */
import type { TowerSummary } from '../../../src/shared/summary.ts';
import { count } from '../../../src/shared/format.ts';
import { breakable, h } from '../../lib/dom.ts';
import { UNKNOWN } from '../model/words.ts';

export function convolutionTable({ convolutions }: TowerSummary): HTMLElement {
  return h('table', { class: 'tensors' },
    h('caption', {}, 'Convolutions'),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Address'), ['Channels', 'Kernel', 'Stride', 'Groups'].map((column) => h('th', { scope: 'col', class: 'number' }, column)))),
    h('tbody', {}, convolutions.map(({ name, channels, kernel, stride, groups }) => h('tr', {},
      h('th', { scope: 'row', class: 'mono' }, ...breakable(name)),
      [channels === null ? UNKNOWN : count(channels), kernel.join('×'), stride.join('×'), count(groups)].map((cell) => h('td', { class: 'number' }, cell))))));
}
