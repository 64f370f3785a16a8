import type { Refusal } from '../../../src/shared/summary.ts';
import { capitalised } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';

/** What is not shown, and under it why. */
export const refusalList = (refused: readonly Refusal[]): HTMLElement =>
  h('dl', { class: 'refusals' }, refused.map(({ what, reason }) => h('div', {}, h('dt', {}, capitalised(what)), h('dd', {}, capitalised(ended(reason))))));

/** A reason is a sentence; the engine leaves its full stop to the reader of it. */
export const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
