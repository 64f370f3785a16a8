import type { ModelSummary, TensorInfo } from '../../../src/shared/summary.ts';
import type { Child } from '../../lib/dom.ts';
import { breakable, h } from '../../lib/dom.ts';
import { roleWords, shapeWords } from '../model/words.ts';

export function inputsOutputs({ inputs, outputs }: ModelSummary): readonly Child[] {
  return [
    tensorTable('Inputs', ['Role', 'When not given'], inputs.map((input) => [input, [roleWords[input.role], input.filledWith ?? 'must be given']] as const)),
    tensorTable('Outputs', [], outputs.map((output) => [output, []] as const)),
  ];
}

function tensorTable(title: string, more: readonly string[], rows: readonly (readonly [TensorInfo, readonly string[]])[]): HTMLElement {
  if (rows.length === 0) return h('p', { class: 'prose muted' }, `${title}: none.`);
  return h('table', { class: 'tensors' },
    h('caption', {}, title),
    h('thead', {}, h('tr', {}, ['Name', 'Type', 'Shape', ...more].map((column) => h('th', { scope: 'col' }, column)))),
    h('tbody', {}, rows.map(([tensor, cells]) => h('tr', {},
      h('th', { scope: 'row', class: 'mono' }, ...breakable(tensor.name)), h('td', {}, tensor.type), h('td', {}, ...breakable(shapeWords(tensor.shape))),
      cells.map((cell) => h('td', {}, cell))))));
}
