/** One head as lines from each token that reads to what it reads, for prompts short enough to see them. */
import './lines.css';
import { h } from '../../lib/dom.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { positionOf, runTokens, sourceTokens } from '../model/read.ts';
import { inDrawingOrder, linesOf, MOST_LINES, opacityOf } from '../pattern/lines.ts';
import type { Line } from '../pattern/lines.ts';
import type { Panel, View } from './panel.ts';

/** CSS pixels of a row and of the lines' width. */
const [ROW, WIDTH] = [20, 200];
const SVG = 'http://www.w3.org/2000/svg';

export function linesView(panel: Panel): View {
  const [left, right] = [h('div', { class: 'lines-tokens mono', role: 'group', 'aria-label': 'Destination tokens' }), h('div', { class: 'lines-tokens mono', role: 'group', 'aria-label': 'Source tokens' })];
  const drawing = document.createElementNS(SVG, 'svg');
  drawing.setAttribute('class', 'lines-drawing');
  drawing.setAttribute('aria-hidden', 'true');
  const note = h('p', { class: 'muted' });
  const element = h('div', { class: 'lines' }, left, drawing, right, note);
  let made: readonly unknown[] = [];
  return {
    element,
    update: (state, previous) => {
      const [dest, source] = [runTokens(state), sourceTokens(state)];
      const tile = state.head && state.run ? panel.tiles.peek(state.run, state.head) : undefined;
      const chosen = positionOf(state);
      const next = [tile, dest, source, chosen, state.scale, panel.ink()];
      if (previous && next.every((part, index) => part === made[index])) return;
      made = next;
      const isLong = Math.max(dest.length, source.length) > MOST_LINES;
      note.textContent = isLong ? `Lines are drawn for prompts of up to ${MOST_LINES} tokens.` : '';
      for (const part of [left, drawing, right]) part.toggleAttribute('hidden', isLong);
      if (isLong) return;
      const button = (text: string, at: number): HTMLElement => h('button', { type: 'button', class: `lines-token${at === chosen ? ' lines-chosen' : ''}`, 'aria-pressed': String(at === chosen), onclick: () => panel.dispatch({ kind: 'choose', position: at }) }, plainToken(text));
      left.replaceChildren(...dest.map(({ text }, at) => button(text, at)));
      right.replaceChildren(...source.map(({ text }) => h('div', { class: 'lines-token' }, plainToken(text))));
      drawing.setAttribute('width', String(WIDTH));
      drawing.setAttribute('height', String(Math.max(dest.length, source.length) * ROW));
      const drawn = (line: Line): SVGLineElement => {
        const one = document.createElementNS(SVG, 'line');
        const place = { x1: 0, y1: (line.row + 0.5) * ROW, x2: WIDTH, y2: (line.col + 0.5) * ROW };
        for (const [name, value] of Object.entries(place)) one.setAttribute(name, String(value));
        one.setAttribute('class', line.mine ? 'lines-line lines-mine' : 'lines-line');
        one.setAttribute('stroke-opacity', String(opacityOf(line, state.scale)));
        return one;
      };
      drawing.replaceChildren(...inDrawingOrder(tile ? linesOf(tile, chosen) : []).map(drawn));
    },
  };
}
