/** What the colours mean: the measure with its choice, the scale with its unit, and the marks. */
import '../../lib/legend.css';
import '../../lib/controls.ts';
import { significant } from '../../../src/shared/format.ts';
import { divergingLevel, NOT_RUN, UNCHANGED } from '../../lib/color/diverging.ts';
import { NAN_LEVEL } from '../../lib/color/levels.ts';
import { paintPixels } from '../../lib/color/paintPixels.ts';
import { pixelOf } from '../../lib/color/palette.ts';
import { h } from '../../lib/dom.ts';
import { limitOf, measureOf, measuresOf, unitOf } from '../model/measure.ts';
import { isMissing } from '../model/read.ts';
import type { Run } from '../model/state.ts';
import { measureName } from '../model/words.ts';
import type { Panel, View } from './panel.ts';

/** CSS pixels. */
const [WIDTH, HEIGHT, SWATCH] = [128, 10, 12];

export function legendView(panel: Panel): View {
  const ramp = h('canvas', { class: 'legend-ramp', role: 'img' });
  const [from, to] = [h('span', { class: 'number' }), h('span', { class: 'number' })];
  const unit = h('span', {});
  const choice = h('vscode-dropdown', {
    class: 'legend-scale', title: 'What the colours show',
    onchange: () => panel.dispatch({ kind: 'measure', measure: choice.value === 'recovered' || choice.value === 'effect' ? choice.value : 'metric' }),
  });
  const mark = (level: number, text: string) => {
    const canvas = h('canvas', { class: 'legend-swatch', 'aria-hidden': 'true' });
    return { level, canvas, item: h('span', { class: 'legend-item' }, canvas, text) };
  };
  const marks = [mark(NOT_RUN, 'not run'), mark(UNCHANGED, 'nothing changed'), mark(NAN_LEVEL, 'NaN')];
  const element = h('div', { class: 'legend muted' }, choice, h('span', { class: 'legend-item' }, from, ramp, to, unit), ...marks.map(({ item }) => item));
  let offered = '';
  let painted: unknown;

  return {
    element,
    update: (state) => {
      const { run } = state;
      element.hidden = !run?.frame;
      if (!run?.frame) return;
      const measures = measuresOf(run.frame);
      const { kind } = run.frame;
      if (`${kind} ${measures.join()}` !== offered) {
        offered = `${kind} ${measures.join()}`;
        choice.replaceChildren(...measures.map((name) => h('vscode-option', { value: name }, measureName(name, kind))));
      }
      const measure = measureOf(state);
      choice.setAttribute('aria-label', 'What the colours show'); // The toolkit names a control anew when it is connected.
      if (choice.value !== measure) choice.value = measure;
      const limit = limitOf(run.cells, measure);
      from.textContent = significant(-limit);
      to.textContent = significant(limit);
      unit.textContent = unitOf(measure, run.frame.metric);
      ramp.setAttribute('aria-label', `From ${significant(-limit)} to ${significant(limit)}, ${unit.textContent}`);
      const shown = shownMarks(run);
      for (const { level, item } of marks) item.hidden = !shown.has(level);
      if (painted === panel.ink()) return;
      painted = panel.ink();
      paint(panel, ramp, marks);
    },
  };
}

/** Marks that are in the picture. */
function shownMarks(run: Run): ReadonlySet<number> {
  const levels = new Set<number>();
  run.cells.forEach((cell, index) => {
    if (!cell) return;
    if (isMissing({ run }, index)) levels.add(NOT_RUN);
    else if (Number.isNaN(cell.metric)) levels.add(NAN_LEVEL);
    else if (cell.unchanged) levels.add(UNCHANGED);
  });
  return levels;
}

function paint(panel: Panel, ramp: HTMLCanvasElement, marks: readonly { readonly level: number; readonly canvas: HTMLCanvasElement }[]): void {
  const palette = panel.ink().diverging;
  const pixel = (level: number, x: number, y: number): number => (palette.marks.get(level)?.has(x, y) === false ? pixelOf(palette.theme.background) : palette.pixels[level] ?? 0);
  paintPixels(ramp, [WIDTH, HEIGHT], (share, x, y) => pixel(divergingLevel(2 * share - 1, 1), x, y));
  for (const { level, canvas } of marks) paintPixels(canvas, [SWATCH, SWATCH], (_, x, y) => pixel(level, x, y));
}
