/** Text around a token, tinted by a neuron's activation. */
import type { ExampleContext } from '../../../src/shared/neurons/figures.ts';
import { significant } from '../../../src/shared/format.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { cssColour } from '../../lib/color/oklab.ts';
import { h } from '../../lib/dom.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';
import { shareOf } from '../model/scale.ts';

export interface Tinted {
  readonly context: ExampleContext;
  /** One a token; undefined until they are known: then the token that it is about alone has its own. */
  readonly values: readonly number[] | undefined;
  readonly activation: number;
  /** The activation, either way, that takes all the ink. */
  readonly limit: number;
}

export function contextElement({ context: { tokens, at }, values, activation, limit }: Tinted, { tint }: Ink): HTMLElement {
  return h('span', { class: 'context mono' }, tokens.flatMap((token, index) => {
    const value = values?.[index] ?? (index === at ? activation : undefined);
    const span = h('span', { class: index === at ? 'context-token context-at' : 'context-token', title: value === undefined ? null : significant(value) }, ...tokenText(token));
    const share = value === undefined ? 0 : shareOf(value, limit);
    if (share !== 0) span.style.backgroundColor = cssColour(tint(share));
    // Lines break between words, as in any text, though their spaces are seen.
    return /^\s/.test(token) ? [h('wbr'), span] : [span];
  }));
}
