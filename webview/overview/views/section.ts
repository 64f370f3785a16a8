import type { Child } from '../../lib/dom.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import type { Folds } from '../actions.ts';

/** A part of the page under a head that folds it, like the sections of the side bar. */
export function section(folds: Folds, id: string, title: string, ...children: readonly Child[]): HTMLElement {
  const body = h('div', { class: 'section-body', id: `${id}-body` }, ...children);
  body.hidden = folds.isFolded(id);
  const toggle: HTMLButtonElement = h('button', {
    class: 'fold', 'aria-expanded': String(!body.hidden), 'aria-controls': body.id,
    onclick: () => {
      body.hidden = !body.hidden;
      toggle.setAttribute('aria-expanded', String(!body.hidden));
      folds.setFolded(id, body.hidden);
    },
  }, icon('expand'), title);
  return h('section', { id, 'aria-label': title }, h('h2', { class: 'section-head' }, toggle), body);
}

/** A row of a table or grid that shows more below itself. */
export function expander(folds: Folds, id: string, controls: HTMLElement, attributes: Readonly<Record<string, string>>, ...children: readonly Child[]): HTMLButtonElement {
  controls.hidden = !folds.isOpen(id);
  controls.id = `${id.replaceAll(/\W+/g, '-')}-more`; // A list of ids is separated by spaces.
  const button: HTMLButtonElement = h('button', {
    class: 'fold', 'aria-expanded': String(!controls.hidden), 'aria-controls': controls.id, ...attributes,
    onclick: () => {
      controls.hidden = !controls.hidden;
      button.setAttribute('aria-expanded', String(!controls.hidden));
      folds.setOpen(id, !controls.hidden);
    },
  }, icon('expand'), ...children);
  return button;
}
