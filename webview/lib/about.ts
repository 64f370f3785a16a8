/** A line of explanation for a first-time reader, behind an info icon, with the paper it comes from. */
import './controls.ts';
import { h } from './dom.ts';
import { icon } from './icons.ts';

export interface About {
  readonly label: string;
  readonly text: string;
}

/** Shows its line on hover, and says it when it is pressed. */
export function aboutIcon({ label, text }: About, say: (text: string) => void): HTMLElement {
  return h('vscode-button', { class: 'about', appearance: 'icon', 'aria-label': label, title: text, onclick: () => say(text) }, icon('info'));
}
