/** Heads by score: their patterns from the highest score on, each under its address and number. */
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { paintField, wholeWindow } from '../../lib/matrix/paint.ts';
import { counted } from '../../../src/shared/format.ts';
import { addressOf, sameHead } from '../model/heads.ts';
import { gridScale } from '../model/gridScale.ts';
import { layerOf, visibilityOf } from '../model/read.ts';
import { chosenAt, rankedHeads } from '../model/scores.ts';
import type { Ranked } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import { emptyField, headField } from '../pattern/field.ts';
import { pointAt } from './gridPointer.ts';
import { selectNothing } from './heads.ts';
import type { Panel, View } from './panel.ts';

/** CSS pixels along a side; pictures at most: further heads are in the table. */
const SIDE = 112;
const MOST = 200;

const steps: Readonly<Record<string, (at: number, across: number, last: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at, across) => at - across,
  ArrowDown: (at, across) => at + across,
  Home: () => 0,
  End: (_, __, last) => last,
};

export function rankedView(panel: Panel): View {
  const list = h('div', { class: 'ranked-list', role: 'listbox', 'aria-label': 'Heads by score', onkeydown: (event) => move(event), onmousedown: selectNothing });
  const more = h('p', { class: 'muted ranked-more' });
  const element = h('div', { class: 'ranked' }, list, more);
  let shown: readonly Ranked[] = [];
  let made: readonly unknown[] = [];

  const move = (event: KeyboardEvent): void => {
    const { head } = panel.state();
    const at = shown.findIndex((one) => sameHead(one.head, head));
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    if (event.key === 'Enter' && head) panel.dispatch({ kind: 'open', head });
    else {
      const [first, ...others] = [...list.children].map((item) => (item as HTMLElement).offsetTop);
      const across = 1 + others.filter((top) => top === first).length;
      const next = shown[Math.min(Math.max(steps[event.key]?.(at, across, shown.length - 1) ?? -1, 0), shown.length - 1)];
      if (!steps[event.key] || !next) return;
      panel.dispatch({ kind: 'select', head: next.head });
      list.querySelector<HTMLElement>(`[data-address="${addressOf(next.head)}"]`)?.focus();
    }
    event.preventDefault();
  };

  return {
    element,
    update: (state) => {
      const next = [state.scores, state.written, state.target, state.position, state.choice, state.run?.layers, state.scale, state.model, panel.ink(), devicePixelRatio];
      if (!next.every((part, index) => part === made[index])) {
        made = next;
        const all = rankedHeads(state);
        shown = all.slice(0, MOST);
        const { text } = gridScale(state);
        // Scores come layer by layer, and the engine has news: who goes through the heads by key goes on from the same one.
        const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute('data-address') : null;
        list.replaceChildren(...shown.map((one) => rankedHead(panel, state, one, text(one.score))));
        if (focused) list.querySelector<HTMLElement>(`[data-address="${focused}"]`)?.focus({ preventScroll: true });
        more.textContent = all.length === 0 ? emptyWords(state) : all.length > shown.length ? `${counted(all.length - shown.length, 'further head')} in the table.` : '';
      }
      const reached = shown.some(({ head }) => sameHead(head, state.head)) ? state.head : shown[0]?.head ?? null;
      shown.forEach(({ head }, at) => {
        const item = list.children[at];
        item?.setAttribute('aria-selected', String(sameHead(head, state.head)));
        item?.setAttribute('tabindex', sameHead(head, reached) ? '0' : '-1');
      });
    },
  };
}

const emptyWords = (state: State): string => (chosenAt(state) < 0 || state.scores?.phase !== 'done' ? '' : `No head scores at least ${state.choice.atLeast}.`);

function rankedHead(panel: Panel, state: State, { head }: Ranked, number: string): HTMLElement {
  const address = addressOf(head);
  const canvas = h('canvas', { class: 'ranked-picture', 'aria-hidden': 'true' });
  const pixels = Math.round(SIDE * devicePixelRatio);
  [canvas.width, canvas.height] = [pixels, pixels];
  const layer = layerOf(state, head);
  const context = canvas.getContext('2d');
  if (layer && context) {
    const image = context.createImageData(pixels, pixels);
    const field = headField(emptyField(visibilityOf(state, head, layer), pixels), layer, head.head, state.scale);
    paintField(field, wholeWindow(field, pixels), panel.ink().palette, { pixels: new Uint32Array(image.data.buffer), stride: pixels, left: 0, top: 0 });
    context.putImageData(image, 0, 0);
  }
  return h('div', {
    class: 'ranked-head', role: 'option', tabindex: -1, 'aria-selected': 'false', 'aria-label': `${address}, ${number}`, 'data-address': address,
    'data-vscode-context': contextOf('head', address),
    onclick: () => panel.dispatch({ kind: 'select', head }),
    ondblclick: () => panel.dispatch({ kind: 'open', head }),
    onfocus: () => {
      if (!sameHead(panel.state().head, head)) panel.dispatch({ kind: 'select', head });
    },
    onpointermove: (event) => panel.say(event.target === canvas ? pointAt(panel.state(), head, event, canvas) : ''),
    onpointerleave: () => panel.say(''),
  }, canvas, h('div', { class: 'ranked-words' }, h('span', { class: 'mono' }, address), h('span', { class: 'number' }, number)));
}
