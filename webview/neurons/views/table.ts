/** The same examples as a table. */
import { fixed, significant } from '../../../src/shared/format.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import type { NeuronExample } from '../../../src/shared/neurons/figures.ts';
import { h } from '../../lib/dom.ts';
import { scaleOf } from '../model/scale.ts';
import { exampleKey } from '../model/state.ts';
import { contextElement } from './context.ts';
import type { Panel, View } from './panel.ts';

export function tableView(panel: Panel): View {
  const body = h('tbody');
  const element = h('div', { class: 'neuron-table', tabindex: 0, role: 'region', 'aria-label': 'Examples as a table' }, h('table', {},
    h('thead', {}, h('tr', {}, h('th', { class: 'number', scope: 'col' }, 'Activation'), h('th', { class: 'number', scope: 'col' }, 'Quantile'), h('th', { scope: 'col' }, 'Token'), h('th', { scope: 'col' }, 'Context'), h('th', { scope: 'col' }, 'Text'))),
    body));
  return {
    element,
    update: ({ figures, shades, table }, previous) => {
      if (!table || (previous?.table === true && previous.figures === figures && previous.shades === shades)) return;
      if (figures.kind === 'there') body.replaceChildren(...figures.value.examples.map((example) => row(panel, example, shades, scaleOf(figures.value))));
      if (figures.kind !== 'there') body.replaceChildren();
    },
  };
}

function row(panel: Panel, example: NeuronExample, shades: ReadonlyMap<string, readonly number[]>, limit: number): HTMLElement {
  const { activation, quantile, token, context, file, record } = example;
  return h('tr', {},
    h('td', { class: 'number' }, significant(activation)), h('td', { class: 'number' }, `${fixed(100 * quantile, 2)}%`),
    h('td', { class: 'mono' }, plainToken(token)), h('td', { class: 'neuron-table-context' }, contextElement({ context, values: shades.get(exampleKey(example)), activation, limit }, panel.ink())),
    h('td', {}, h('button', { class: 'link', type: 'button', onclick: () => panel.openText(example) }, `${file}:${record}`)));
}
