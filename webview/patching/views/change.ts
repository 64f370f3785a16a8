/** What a patch changed on the way: how far each state is from that of the run that was edited, layer by position, as a picture or as numbers. */
import { significant } from '../../../src/shared/format.ts';
import { levelOf } from '../../lib/color/levels.ts';
import { paintPixels } from '../../lib/color/paintPixels.ts';
import { h } from '../../lib/dom.ts';
import { changeField, changeLimit, changePicture, changeSummary, changeWords, editedOf, patchedOf } from '../model/inspected.ts';
import { labelText } from '../model/labels.ts';
import type { Picture } from '../model/pictures.ts';
import type { PatchedRun } from '../../../src/shared/protocol/experimentApi.ts';
import { contextOf } from './context.ts';
import { heatMaps } from './heatMaps.ts';
import type { Panel, Room, View } from './panel.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';

/** CSS pixels of the legend, and of the picture's height. */
const [WIDTH, HEIGHT, TALLEST] = [96, 10, 240];

export function changeView(panel: Panel, room: () => Room): View {
  let shown: { readonly run: PatchedRun; readonly pictures: readonly Picture[] } | null = null;
  let cursor: number | null = null;
  const words = (index: number | null): string => {
    const { run, inspectedPair } = panel.state();
    return shown && run?.frame && index !== null ? changeWords(shown.run, run.frame, inspectedPair, index) : '';
  };
  const maps = heatMaps({
    point: (index) => panel.say(words(index)),
    select: (index) => {
      cursor = index;
      paint();
      panel.say(words(index));
    },
    context: () => contextOf(panel.state().run, panel.state().cell),
  });
  const title = h('h3', { class: 'cell-title' });
  const ramp = h('canvas', { class: 'legend-ramp', role: 'img' });
  const most = h('span', { class: 'number' });
  const numbers = h('table', { class: 'change-numbers' });
  const table = h('details', { class: 'change-table' }, h('summary', {}, 'As numbers'), h('div', { class: 'change-scroll', tabindex: 0, role: 'region', 'aria-label': 'Changes as numbers' }, numbers));
  const element = h('div', { class: 'change' },
    h('div', { class: 'change-top' }, title, h('span', { class: 'legend muted' }, h('span', { class: 'legend-item' }, '0', ramp, most, 'Euclidean norm'))), maps.element, table);

  const paint = (): void => {
    const { run, inspectedPair } = panel.state();
    if (!shown || !run?.frame) return;
    const { run: patched, pictures } = shown;
    const pair = run.frame.pairs[inspectedPair];
    maps.update({ pictures, palette: panel.ink().palette, frame: { pairs: pair ? [pair] : [] }, fieldOf: (picture) => changeField(patched, picture) }, {
      room: { ...room(), height: TALLEST }, cell: cursor, label: cursor === null ? changeSummary(patched, run.frame, inspectedPair) : words(cursor),
    });
  };

  return {
    element,
    update: (state) => {
      const patched = patchedOf(state);
      const frame = state.run?.frame;
      if (patched && frame && patched !== shown?.run) {
        const picture = changePicture(patched, frame, state.inspectedPair);
        shown = { run: patched, pictures: [picture] };
        cursor = null;
        title.textContent = `Difference from the ${editedOf(frame)} run behind each layer`;
        most.textContent = significant(changeLimit(patched));
        ramp.setAttribute('aria-label', `From 0 to ${significant(changeLimit(patched))}`);
        numbers.replaceChildren(...numberRows(patched, picture));
      }
      paintRamp(panel, ramp);
      paint();
    },
  };
}

function numberRows({ change }: PatchedRun, { rows, columns }: Picture): readonly HTMLElement[] {
  return [
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Layer'), ...columns.labels.map((label) => h('th', { scope: 'col', class: 'number mono' }, ...tokenText(label))))),
    h('tbody', {}, ...rows.labels.map((_, row) => h('tr', {}, h('th', { scope: 'row' }, labelText(rows, row)),
      ...columns.labels.map((_label, col) => h('td', { class: 'number' }, significant(change.norms[row * change.positions + col] ?? NaN)))))),
  ];
}

const paintRamp = (panel: Panel, canvas: HTMLCanvasElement): void =>
  paintPixels(canvas, [WIDTH, HEIGHT], (share) => panel.ink().palette.pixels[levelOf(share, 'linear')] ?? 0);
