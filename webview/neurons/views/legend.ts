/** What the tints of tokens mean: one colour for activations above 0, the other for those below, alike to both sides. */
import '../../lib/legend.css';
import { significant } from '../../../src/shared/format.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { paintPixels } from '../../lib/color/paintPixels.ts';
import { pixelOf } from '../../lib/color/palette.ts';
import { h } from '../../lib/dom.ts';
import { limitOf } from '../model/scale.ts';
import type { Panel, View } from './panel.ts';

/** CSS pixels. */
const [WIDTH, HEIGHT] = [96, 10];

export function legendView(panel: Panel): View {
  const ramp = h('canvas', { class: 'legend-ramp', role: 'img' });
  const [from, to] = [h('span', { class: 'number' }), h('span', { class: 'number' })];
  const element = h('div', { class: 'legend muted' }, h('span', { class: 'legend-item' }, from, ramp, to, 'activation'));
  let painted: Ink | undefined;
  return {
    element,
    update: (state) => {
      // Nothing is tinted yet.
      element.hidden = state.figures.kind !== 'there' && state.live.kind !== 'there';
      const limit = limitOf(state);
      from.textContent = significant(-limit);
      to.textContent = significant(limit);
      ramp.setAttribute('aria-label', `Tints from an activation of ${significant(-limit)} to ${significant(limit)}`);
      if (painted === panel.ink()) return;
      painted = panel.ink();
      const { tint } = painted;
      paintPixels(ramp, [WIDTH, HEIGHT], (share) => pixelOf(tint(2 * share - 1)));
    },
  };
}
