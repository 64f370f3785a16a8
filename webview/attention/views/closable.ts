/** A part of the question that is opened and closed, by Escape too: the focus goes into its field, and afterwards back to where it was. */
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';

export interface Closable {
  readonly element: HTMLElement;
  show(on: boolean): void;
  /** Once it has been opened and drawn. */
  enter(): void;
}

export function closable(className: string, name: string, close: () => void, field: HTMLElement, ...parts: readonly HTMLElement[]): Closable {
  const closing = `Close the ${name.toLowerCase()}`;
  const leave = h('vscode-button', { appearance: 'icon', 'aria-label': closing, title: `${closing} (Escape)`, onclick: close }, icon('close'));
  const element = h('section', {
    class: className, 'aria-label': name,
    onkeydown: (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      close();
    },
  }, h('div', { class: 'compare-line' }, h('h2', { class: 'section-head' }, name), leave), field, ...parts);
  let cameFrom: Element | null = null;
  return {
    element,
    show: (on) => {
      const hadFocus = element.contains(document.activeElement);
      element.hidden = !on;
      if (!on && hadFocus && cameFrom instanceof HTMLElement) cameFrom.focus();
    },
    enter: () => {
      cameFrom = document.activeElement;
      field.focus();
    },
  };
}
