/** Every address of the model with the tensor behind it, under a filter. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { SymbolAddress } from '../../../src/shared/protocol/engineApi.ts';
import { contextOf } from '../../lib/context.ts';
import { breakable, h } from '../../lib/dom.ts';
import { count } from '../../../src/shared/format.ts';
import { icon } from '../../lib/icons.ts';
import { errorNotice } from '../../lib/notice.ts';
import { refreshRove, rove } from '../../lib/rove.ts';
import type { Actions } from '../actions.ts';
import { addressFilter } from '../model/filter.ts';
import { axesWords } from '../model/words.ts';
import { flowBody, flowRow, flowTable } from './flowTable.ts';

export interface AddressTable {
  readonly element: HTMLElement;
  show(entries: readonly SymbolAddress[]): void;
  fail(error: ErrorData, again: () => void): void;
  focusFilter(): void;
  /** Filters down to one address and puts the focus on it. */
  reveal(address: string): void;
}

export function addressTable(filter: string, onFilter: (filter: string) => void, actions: Actions): AddressTable {
  let rows: readonly (readonly [SymbolAddress, HTMLElement])[] = [];
  const field = h('vscode-text-field', { placeholder: 'Filter: words, blocks.*.attn.hook_z, L0H1', 'aria-label': 'Filter addresses', value: filter }, h('span', { slot: 'start', class: 'field-icon' }, icon('search')));
  const counter = h('span', { class: 'muted', role: 'status' });
  const body = flowBody('', []);
  const table = flowTable('addresses', [{ title: 'Address' }, { title: 'Tensor' }, { title: 'Axes' }], [body]);
  table.hidden = true;
  const failure = h('div', {});

  const apply = (): void => {
    const matches = addressFilter(field.value);
    let shown = 0;
    for (const [entry, row] of rows) {
      row.hidden = !matches(entry);
      if (!row.hidden) shown++;
    }
    table.hidden = shown === 0;
    field.hidden = rows.length === 0;
    counter.textContent = rows.length === 0 ? 'No part of the model has an address.' : shown === 0 ? 'No address matches.' : `${count(shown)} of ${count(rows.length)}`;
    refreshRove(body);
  };
  const setFilter = (text: string): void => {
    field.value = text;
    field.control.value = text; // The toolkit brings it there only with the next frame, and a key may come before that.
    onFilter(text);
    apply();
  };
  field.addEventListener('input', () => {
    onFilter(field.value);
    apply();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && field.value !== '') {
      setFilter('');
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      body.querySelector<HTMLElement>('[data-rove][tabindex="0"]')?.focus();
    }
  });
  rove(body);

  return {
    element: h('div', {}, h('div', { class: 'filter' }, field, counter), failure, table),
    show: (entries) => {
      if (entries.length > 0 && entries.every(({ layer }) => layer === null)) field.placeholder = 'Filter: words, or parts of an address around *';
      failure.replaceChildren();
      rows = entries.map((entry) => [entry, addressRow(entry, actions)] as const);
      body.replaceChildren(...rows.map(([, row]) => row));
      apply();
    },
    fail: (error, again) => failure.replaceChildren(errorNotice(error, { label: 'Try again', run: again })),
    focusFilter: () => field.focus(),
    reveal: (address) => {
      setFilter(address);
      body.querySelector<HTMLElement>(`tr:not([hidden]) [data-address="${CSS.escape(address)}"]`)?.focus();
    },
  };
}

function addressRow(entry: SymbolAddress, actions: Actions): HTMLElement {
  const copy = (): void => actions.copy(entry.address);
  const button = h('button', {
    class: 'address mono', 'data-rove': true, 'data-address': entry.address, title: 'Copy address', onclick: copy,
    onkeydown: (event) => {
      if (event.key !== 'c' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      copy();
    },
  }, h('span', {}, ...breakable(entry.address)), icon('copy'));
  return flowRow(button, [h('span', { class: 'mono' }, ...breakable(entry.tensor)), axesWords(entry.axes)], {
    'data-rove-row': true, 'data-vscode-context': contextOf('address', entry.address),
  });
}
