/** A line of explanation for a first-time reader, behind an info icon, with the paper it comes from. */
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import type { Panel } from './panel.ts';

export const about = {
  attention: {
    label: 'About attention patterns',
    text: 'Each square is one head: a row is a token that reads, a column one that is read, the colour how much. See Elhage et al., A Mathematical Framework for Transformer Circuits (2021).',
  },
  habits: {
    label: 'About these measures',
    text: 'Mean weight over the rows of this prompt that have such a source. A head with much induction weight continues repeated text: Olsson et al., In-context Learning and Induction Heads (2022).',
  },
} as const satisfies Readonly<Record<string, { readonly label: string; readonly text: string }>>;

/** Shows its line on hover, and in the status when it is pressed. */
export function aboutIcon(panel: Panel, subject: keyof typeof about): HTMLElement {
  const { label, text } = about[subject];
  return h('vscode-button', { class: 'about', appearance: 'icon', 'aria-label': label, title: text, onclick: () => panel.dispatch({ kind: 'said', text }) }, icon('info'));
}
