/** The tokens whose logits a head raises and lowers most at the chosen token, in this run. */
import { fixed } from '../../../src/shared/format.ts';
import type { HeadWrites } from '../../../src/shared/protocol/attentionApi.ts';
import { h } from '../../lib/dom.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { positionOf, runTokens } from '../model/read.ts';
import type { State } from '../model/state.ts';

/** Null where the model has no logits to write to. */
export function writesOf(state: State, writes: HeadWrites | string | undefined): readonly Node[] {
  const title = h('h3', { class: 'large-strip-head' }, 'What this head writes at ', h('span', { class: 'mono' }, tokenAt(runTokens(state), positionOf(state))));
  if (writes === undefined) return [title, h('p', { class: 'muted' }, 'Reading…')];
  if (typeof writes === 'string') return [title, h('p', { class: 'muted' }, writes)];
  const list = (name: string, effects: HeadWrites['top']): HTMLElement => h('ol', { 'aria-label': name }, ...effects.map(({ text, effect }) =>
    h('li', {}, h('span', { class: 'mono writes-token' }, ...tokenText(text)), h('span', { class: 'number' }, fixed(effect, 2)))));
  return [title, h('div', { class: 'writes' }, list('Raised most', writes.top), list('Lowered most', writes.bottom)), h('p', { class: 'muted' }, 'Logits, at the final norm’s scale in this run; raw weights.')];
}
