/** One line that says what happened, with at most one thing to do about it, and the details folded away. */
import './controls.ts';
import { sentence } from '../../src/shared/errors.ts';
import type { ErrorData } from '../../src/shared/errors.ts';
import { h } from './dom.ts';
import { icon } from './icons.ts';

export interface Notice {
  readonly kind: 'info' | 'warning' | 'error';
  readonly text: string;
  /** For "Show details": never needed to understand the text. */
  readonly detail?: string;
  readonly action?: { readonly label: string; run(): void } | undefined;
}

/** Errors are spoken at once, everything else when the reader has come to rest. */
export function noticeLine({ kind, text, detail = '', action }: Notice): HTMLElement {
  return h('div', { class: `notice notice-${kind}`, role: kind === 'error' ? 'alert' : 'status' },
    icon(kind),
    h('div', { class: 'notice-body' },
      h('span', { class: 'notice-text' }, text),
      detail !== '' && h('details', { class: 'notice-detail' }, h('summary', {}, 'Show details'), h('pre', { tabindex: 0 }, detail))),
    action && h('vscode-button', { appearance: 'secondary', onclick: () => action.run() }, action.label));
}

/** An error as a notice: its one sentence, and what the runtime said behind "Show details". */
export const errorNotice = (error: ErrorData, action?: Notice['action']): HTMLElement =>
  noticeLine({ kind: 'error', text: sentence(error), detail: error.detail, action });
