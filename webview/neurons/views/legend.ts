/** What the tints of tokens mean: one colour for activations above 0, the other for those below, alike to both sides. */
import '../../lib/legend.css';
import { significant } from '../../../src/shared/format.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { pixelOf } from '../../lib/color/palette.ts';
import { h } from '../../lib/dom.ts';
import { limitOf } from '../model/scale.ts';
import type { Panel, View } from './panel.ts';

/** CSS pixels. */
const [WIDTH, HEIGHT] = [96, 10];

export function legendView(panel: Panel): View {
  const ramp = h('canvas', { class: 'legend-ramp', role: 'img' });
  const [from, to] = [h('span', { class: 'number' }), h('span', { class: 'number' })];
  let painted: Ink | undefined;
  return {
    element: h('div', { class: 'legend muted' }, h('span', { class: 'legend-item' }, from, ramp, to, 'activation')),
    update: (state) => {
      const limit = limitOf(state);
      from.textContent = significant(-limit);
      to.textContent = significant(limit);
      ramp.setAttribute('aria-label', `Tints from an activation of ${significant(-limit)} to ${significant(limit)}`);
      if (painted === panel.ink()) return;
      painted = panel.ink();
      paint(ramp, painted);
    },
  };
}

function paint(canvas: HTMLCanvasElement, { tint }: Ink): void {
  [canvas.width, canvas.height] = [Math.round(WIDTH * devicePixelRatio), Math.round(HEIGHT * devicePixelRatio)];
  const context = canvas.getContext('2d');
  const image = context?.createImageData(canvas.width, canvas.height);
  if (!context || !image) return;
  new Uint32Array(image.data.buffer).forEach((_, at, pixels) => {
    pixels[at] = pixelOf(tint((2 * (at % canvas.width)) / (canvas.width - 1) - 1));
  });
  context.putImageData(image, 0, 0);
}
