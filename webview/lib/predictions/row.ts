/** One of the most probable tokens, or classes by their names, with a bar as long as its probability. */
import './row.css';
import type { Prediction } from '../../../src/shared/protocol/engineApi.ts';
import { percent, significant } from '../../../src/shared/format.ts';
import { h } from '../dom.ts';
import { tokenText } from '../tokens/tokenText.ts';

export function predictionRow({ id, text, logit, probability }: Prediction, position: number, isClass = false): HTMLElement {
  const bar = h('span', { class: 'predictions-bar' });
  bar.style.width = `${probability * 100}%`;
  return h('li', { class: 'predictions-row', title: `probability ${significant(probability)} · logit ${significant(logit, 5)} · ${isClass ? `class ${id}` : `id ${id} · position ${position}`}` },
    h('span', { class: 'predictions-token mono' }, ...(isClass ? [text] : tokenText(text))),
    h('span', { class: 'predictions-track' }, bar),
    h('span', { class: 'number' }, percent(probability)));
}
