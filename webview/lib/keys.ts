/** The list of keys that `?` brings up, as a dialog: Escape closes it and focus returns where it was. */
import './controls.ts';
import { h } from './dom.ts';

export type KeyList = readonly (readonly [keys: readonly string[], what: string])[];

export function keysDialog(keys: KeyList): HTMLDialogElement {
  const dialog: HTMLDialogElement = h('dialog', { class: 'keys', 'aria-labelledby': 'keys-title' },
    h('h2', { id: 'keys-title', class: 'section-head' }, 'Keys'),
    h('dl', {}, keys.map(([names, what]) => h('div', {},
      h('dt', {}, names.map((name, index) => [index > 0 && ' ', h('kbd', {}, name)])),
      h('dd', {}, what)))),
    h('vscode-button', { appearance: 'secondary', onclick: () => dialog.close() }, 'Close'));
  return dialog;
}

/** Whether a key that was pressed is meant as text. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable);
}
