/** Text around a token, tinted by a neuron's activation. */
import type { ExampleContext } from '../../../src/shared/neurons/figures.ts';
import { significant } from '../../../src/shared/format.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { cssColour } from '../../lib/color/oklab.ts';
import { h } from '../../lib/dom.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';

export interface Tinted {
  readonly context: ExampleContext;
  /** One a token; undefined until they are known: then the token that it is about alone has its own. */
  readonly values: readonly number[] | undefined;
  readonly activation: number;
  /** The activation that takes all the ink. */
  readonly most: number;
}

/** Share of ink, 0..1: activations up to 0 have none. */
export const shareOf = (value: number, most: number): number => (most > 0 ? Math.min(Math.max(value / most, 0), 1) : 0);

export function contextElement({ context: { tokens, at }, values, activation, most }: Tinted, { tint }: Ink): HTMLElement {
  return h('span', { class: 'context mono' }, tokens.flatMap((token, index) => {
    const value = values?.[index] ?? (index === at ? activation : undefined);
    const span = h('span', { class: index === at ? 'context-token context-at' : 'context-token', title: value === undefined ? null : significant(value) }, ...tokenText(token));
    const share = value === undefined ? 0 : shareOf(value, most);
    if (share > 0) span.style.backgroundColor = cssColour(tint(share));
    // Lines break between words, as in any text, though their spaces are seen.
    return /^\s/.test(token) ? [h('wbr'), span] : [span];
  }));
}
