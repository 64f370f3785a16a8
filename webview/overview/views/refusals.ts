import type { Refusal } from '../../../src/shared/summary.ts';
import { h } from '../../lib/dom.ts';

/** What is not shown, and under it why. */
export const refusalList = (refused: readonly Refusal[]): HTMLElement =>
  h('dl', { class: 'refusals' }, refused.map(({ what, reason }) => h('div', {}, h('dt', {}, capital(what)), h('dd', {}, ended(reason)))));

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A reason is a sentence; the engine leaves its full stop to the reader of it. */
export const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
