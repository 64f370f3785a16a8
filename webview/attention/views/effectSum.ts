/** Beside an opened head's effects: whose logit they are of, and what the chosen token's row adds up to, held against what the head writes. */
import { fixed, significant } from '../../../src/shared/format.ts';
import type { AttentionTile } from '../../../src/shared/protocol/attentionApi.ts';
import { h } from '../../lib/dom.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { positionOf, runTokens, viewOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { targetOf, targetWords } from '../model/written.ts';
import type { Panel, View } from './panel.ts';
import { targetField } from './targetField.ts';

export interface EffectSum extends View {
  /** Where the token is typed. */
  readonly field: HTMLElement;
}

export function effectSum(panel: Panel): EffectSum {
  const target = targetField(panel);
  const field = h('label', { class: 'muted large-target' }, 'of ', target.element);
  const element = h('p', { class: 'large-about large-sum' });
  return {
    element, field,
    update: (state) => {
      const shows = viewOf(state) === 'effect' && state.run !== null;
      field.hidden = element.hidden = !shows;
      if (!shows) return;
      target.update(state);
      const tile = state.head && state.run ? panel.tiles.peek(state.run, state.head, 'effect') : undefined;
      const text = tile ? sumWords(state, tile) : targetOf(state) === null && state.run?.phase === 'done' ? 'Type the token whose logit is looked at.' : '';
      if (element.textContent !== text) element.textContent = text;
    },
  };
}

/** "At ·Ben @7 sources add 0.1234 to the logit of ·park + remainder 1.2e-8 = 0.1234, what the head writes" */
function sumWords(state: State, { cols, values, written }: AttentionTile): string {
  const at = positionOf(state);
  const sum = values.subarray(at * cols, (at + 1) * cols).reduce((made, value) => made + value, 0);
  const start = `At ${tokenAt(runTokens(state), at)} the sources add ${fixed(sum, 4)} to the logit of ${targetWords(state)}`;
  const whole = written?.[at];
  return whole === undefined ? start : `${start} + remainder ${significant(whole - sum, 2)} = ${fixed(whole, 4)}, what the head writes, its bias left out`;
}
