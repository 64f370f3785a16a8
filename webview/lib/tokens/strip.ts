/** Tokens in a line that wraps as text: one is chosen, and each may be tinted by a weight. */
import './strip.css';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { h } from '../dom.ts';
import { significant } from '../../../src/shared/format.ts';
import { ink as inkOf } from '../color/levels.ts';
import type { ScaleName } from '../color/levels.ts';
import { cssColour } from '../color/oklab.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import type { Ink } from '../color/ink.ts';
import { tokenText } from './tokenText.ts';
import { tokenTitle } from './tokenWords.ts';

export interface Shading {
  /** A weight a token, which may be below 0; NaN is marked as such. */
  readonly weights: ArrayLike<number>;
  readonly scale: ScaleName;
  /** The weight that takes all the ink; 1 unless given. */
  readonly most?: number;
}

export interface Strip {
  readonly element: HTMLElement;
  update(tokens: readonly TokenInfo[], chosen: number, shading: Shading | null, ink: Ink): void;
}

const steps: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  Home: () => 0,
  End: (_, last) => last,
};

export function tokenStrip(label: string, choose: (position: number) => void): Strip {
  const element = h('div', {
    class: 'strip mono', role: 'listbox', 'aria-label': label, 'aria-orientation': 'horizontal',
    onclick: (event) => {
      const at = items.indexOf((event.target as Element).closest<HTMLElement>('.token') ?? element);
      if (at >= 0) choose(at);
    },
    onkeydown: (event) => {
      const step = event.ctrlKey || event.altKey || event.metaKey ? undefined : steps[event.key];
      if (!step || items.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      const next = Math.min(Math.max(step(chosen, items.length - 1), 0), items.length - 1);
      choose(next);
      // The next key may come before the next frame.
      mark(next);
      items[next]?.focus();
    },
  });
  let items: readonly HTMLElement[] = [];
  let shown: readonly TokenInfo[] = [];
  let chosen = -1;
  let shaded: { readonly shading: Shading | null; readonly ink: Ink } | undefined;

  const mark = (at: number): void => {
    const after = items[at];
    markChosen(items[chosen], after);
    chosen = at;
    if (after) keepInSight(element, after);
  };

  return {
    element,
    update: (tokens, position, shading, ink) => {
      if (!sameTokens(tokens, shown)) {
        shaded = undefined;
        items = tokens.map(tokenElement);
        element.replaceChildren(...items.flatMap((item, at) => (tokens[at]?.text.endsWith('\n') ? [item, h('br')] : [item])));
        chosen = -1;
      }
      shown = tokens;
      if (position !== chosen) mark(Math.min(position, items.length - 1));
      // A thousand tokens are not touched for a zoom or a line of status.
      if (shaded?.ink === ink && sameShading(shaded.shading, shading)) return;
      shaded = { shading, ink };
      items.forEach((item, at) => {
        const token = tokens[at];
        const weight = shading?.weights[at] ?? 0;
        item.classList.toggle('token-nan', Number.isNaN(weight));
        item.style.backgroundColor = !shading ? '' : weight > 0 || weight < 0 ? cssColour(ink.tint(Math.sign(weight) * inkOf(Math.abs(weight) / (shading.most ?? 1), shading.scale))) : 'transparent';
        if (token) item.title = shading ? `${significant(weight)} · ${tokenTitle(token, at)}` : tokenTitle(token, at);
      });
    },
  };
}

/** One of several is chosen in place of the one before, and is the one that Tab reaches. */
export function markChosen(before: HTMLElement | undefined, after: HTMLElement | undefined): void {
  for (const item of [before, after]) {
    item?.setAttribute('aria-selected', String(item === after));
    item?.setAttribute('tabindex', item === after ? '0' : '-1');
  }
}

/** What is typed and what was run are often the same tokens in another array: the focus stays on them. */
const sameTokens = (a: readonly TokenInfo[], b: readonly TokenInfo[]): boolean =>
  a === b || (a.length === b.length && a.every((token, at) => token.id === b[at]?.id && token.text === b[at].text));

function sameShading(a: Shading | null, b: Shading | null): boolean {
  if (a === null || b === null) return a === b;
  return a.scale === b.scale && a.most === b.most && a.weights.length === b.weights.length && Array.from(a.weights).every((weight, at) => Object.is(weight, b.weights[at]));
}

function tokenElement(token: TokenInfo, at: number): HTMLElement {
  const classes = ['token', token.special && 'token-special', token.approximate && 'token-approximate'];
  return h('span', { class: classes.filter(Boolean).join(' '), role: 'option', tabindex: -1, 'aria-selected': 'false', 'aria-label': `${token.text.trim() || plainToken(token.text)} @${at}` }, ...tokenText(token.text));
}

/** Scrolls the strip itself, never the page. */
function keepInSight(strip: HTMLElement, item: HTMLElement): void {
  const top = item.offsetTop;
  if (top < strip.scrollTop) strip.scrollTop = top;
  else if (top + item.offsetHeight > strip.scrollTop + strip.clientHeight) strip.scrollTop = top + item.offsetHeight - strip.clientHeight;
}
