/** One layer of the grid: its label, one canvas for all its heads, and a cell of the document for each. */
import type { AttentionKind } from '../../../src/shared/addresses.ts';
import type { LayerSummary } from '../../../src/shared/summary.ts';
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { gapPixels } from '../geometry/grid.ts';
import { addressOf, layerKey, sameHead } from '../model/heads.ts';
import type { Head, Place } from '../model/heads.ts';
import { axesOf, headsOf, layerOf, missingOf, positionOf, refusalAt, visibilityOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { emptyDifference, layerDifference } from '../pattern/difference.ts';
import { emptyField, headField } from '../pattern/field.ts';
import { habitsOf } from '../pattern/habits.ts';
import { paintField, wholeWindow } from '../../lib/matrix/paint.ts';
import { nanHeads } from '../pattern/rows.ts';
import { significant } from '../../../src/shared/format.ts';
import { gridScale } from '../model/gridScale.ts';
import { scoreOf, showsScores } from '../model/scores.ts';
import { isWrittenOf, writtenChoice } from '../model/written.ts';
import { pointAt } from './gridPointer.ts';
import { fillCell } from './scoreCells.ts';
import type { Panel } from './panel.ts';

export interface GridRowView {
  readonly element: HTMLElement;
  /** Tells whether the row is seen, or about to be. */
  near(on: boolean): void;
  update(state: State, previous: State | null, heads: number | null, side: number): void;
}

export function gridRow(panel: Panel, tower: string, attention: AttentionKind, block: LayerSummary): GridRowView {
  const layer = block.index;
  const at: Place = { tower, attention, layer };
  const label = h('div', { class: 'heads-layer', role: 'rowheader', title: (attention === 'cross' ? block.crossSource : block.attentionSource)?.code ?? '' }, `L${layer}`);
  const canvas = h('canvas', { class: 'heads-canvas', 'aria-hidden': 'true' });
  const element = h('div', { class: 'heads-row', role: 'row' }, label, canvas);
  let cells: readonly HTMLElement[] = [];
  let drawnHeads: number | null | undefined;
  let drawnRefusal: string | undefined;
  /** What is far from being seen is not drawn: of a thousand heads most are. */
  let [isNear, isStale, drawnSide] = [false, true, 0];

  const frame = (heads: number | null, refusal: string | undefined): void => {
    drawnHeads = heads;
    cells = Array.from({ length: heads ?? 0 }, (_, head) => headCell(panel, { ...at, head }));
    element.classList.toggle('heads-none', cells.length === 0);
    const why = heads === null ? 'The number of heads is unknown until run' : `No attention is shown in this layer${refusal ? `: ${refusal}` : ''}`;
    element.replaceChildren(label, canvas, ...(cells.length > 0 ? cells : [h('div', { class: 'heads-why muted', role: 'gridcell' }, why)]));
  };

  const paint = (state: State, side: number): void => {
    const patterns = layerOf(state, at);
    const pixels = Math.round(side * devicePixelRatio);
    const gap = gapPixels(devicePixelRatio);
    const width = Math.max(cells.length * (pixels + gap) - gap, 1);
    // Setting a canvas's size clears it, and costs even when it is the same.
    if (canvas.width !== width || canvas.height !== pixels) [canvas.width, canvas.height] = [width, Math.max(pixels, 1)];
    canvas.style.width = `${width / devicePixelRatio}px`;
    canvas.style.height = `${side}px`;
    const context = canvas.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, width, pixels);
    if (!patterns || showsScores(state)) return;
    const image = context.createImageData(width, pixels);
    const target = new Uint32Array(image.data.buffer);
    const difference = state.run?.difference;
    const view = visibilityOf(state, at, patterns);
    const empty = difference ? emptyDifference(view, pixels, missingOf(state, at)) : emptyField(view, pixels);
    const palette = difference ? panel.ink().diverging : panel.ink().palette;
    for (let head = 0; head < Math.min(patterns.heads, cells.length); head++) {
      const field = difference ? layerDifference(empty, patterns, head, difference.limit) : headField(empty, patterns, head, state.scale);
      paintField(field, wholeWindow(field, pixels), palette, { pixels: target, stride: width, left: head * (pixels + gap), top: 0 });
    }
    context.putImageData(image, 0, 0);
  };

  const score = (state: State): void => {
    const shows = showsScores(state);
    const isHere = !shows ? layerOf(state, at) !== undefined : writtenChoice(state) === null ? state.scores?.layers.has(layerKey(at)) === true : isWrittenOf(state, at);
    element.classList.toggle('heads-pending', !isHere);
    const scale = gridScale(state);
    cells.forEach((cell, head) => fillCell(cell, shows ? scoreOf(state, { ...at, head }) : undefined, scale, drawnSide, panel.ink()));
  };

  const describe = (state: State): void => {
    const patterns = layerOf(state, at);
    const broken = patterns ? nanHeads(patterns) : [];
    const scale = gridScale(state);
    cells.forEach((cell, head) => {
      const address = addressOf({ ...at, head });
      const score = showsScores(state) ? scoreOf(state, { ...at, head }) : undefined;
      const [habit] = patterns && !state.run?.difference ? habitsOf(patterns, head, axesOf(state, at).dest) : [];
      const says = score !== undefined ? `${scale.name} ${scale.text(score)}` : !patterns ? 'not run' : broken.includes(head) ? 'holds NaN' : habit ? `${habit.name} ${significant(habit.share, 2)}` : '';
      cell.setAttribute('aria-label', says === '' ? address : `${address}, ${says}`);
    });
  };

  const draw = (): void => {
    if (!isNear || !isStale) return;
    isStale = false;
    const state = panel.state();
    paint(state, drawnSide);
    score(state);
    describe(state);
  };

  return {
    element,
    near: (on) => {
      isNear = on;
      draw();
    },
    update: (state, previous, heads, side) => {
      const refusal = heads === 0 ? refusalAt(state, at) : undefined;
      const isNewFrame = heads !== drawnHeads || refusal !== drawnRefusal;
      drawnRefusal = refusal;
      if (isNewFrame) frame(heads, refusal);
      const isNewScore = previous?.choice !== state.choice || previous.scores?.layers.get(layerKey(at)) !== state.scores?.layers.get(layerKey(at)) || previous.scores?.protocol !== state.scores?.protocol;
      const isNewWritten = writtenChoice(state) !== null && (previous?.written !== state.written || previous.target !== state.target || positionOf(previous) !== positionOf(state) || previous.run !== state.run);
      const isNewPicture = isNewFrame || !previous || isNewScore || isNewWritten || layerOf(state, at) !== layerOf(previous, at) || state.scale !== previous.scale;
      drawnSide = side;
      isStale ||= isNewPicture;
      draw();
      if (isNewFrame || !sameHead(state.head, previous?.head ?? null)) markSelected(cells, state, at);
    },
  };
}

/** The selected head is the one that the tab key reaches; without one, the first. */
function markSelected(cells: readonly HTMLElement[], state: State, row: Place): void {
  const reached = state.head ?? headsOf(state)[0] ?? null;
  cells.forEach((cell, head) => {
    cell.setAttribute('aria-selected', String(sameHead(state.head, { ...row, head })));
    cell.tabIndex = sameHead(reached, { ...row, head }) ? 0 : -1;
  });
}

function headCell(panel: Panel, head: Head): HTMLElement {
  const address = addressOf(head);
  return h('div', {
    class: 'head', role: 'gridcell', tabindex: -1, 'aria-selected': 'false', 'data-address': address,
    'data-vscode-context': contextOf('head', address),
    onclick: () => panel.dispatch({ kind: 'select', head }),
    ondblclick: () => panel.dispatch({ kind: 'open', head }),
    oncontextmenu: () => panel.dispatch({ kind: 'select', head }),
    onfocus: () => panel.dispatch({ kind: 'select', head }),
    onpointermove: (event) => panel.say(pointAt(panel.state(), head, event)),
    onpointerleave: () => panel.say(''),
  });
}

