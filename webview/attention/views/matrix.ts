/** One head drawn large: cells on a canvas, tokens on both axes, a crosshair under pointer or cursor. */
import '../../lib/matrix/matrix.css';
import type { Field } from '../../lib/matrix/field.ts';
import { h } from '../../lib/dom.ts';
import { itemAt, span } from '../../lib/geometry/axis.ts';
import { matrixSize, scrollTo } from '../../lib/geometry/matrix.ts';
import type { MatrixSize } from '../../lib/geometry/matrix.ts';
import { addressOf } from '../model/heads.ts';
import { layerOf, positionOf, runTokens, sourceTokens, visibilityOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { emptyField, headField, tileField } from '../pattern/field.ts';
import { paintField } from '../../lib/matrix/paint.ts';
import { axisLabels } from '../../lib/matrix/axisLabels.ts';
import { crosshair } from '../../lib/matrix/crosshair.ts';
import type { Room } from './heads.ts';
import { labelRoom } from '../../lib/matrix/labelRoom.ts';
import { cellOf } from './largeCell.ts';
import { matrixKeys } from './matrixKeys.ts';
import type { Panel, View } from './panel.ts';
import { cellWords } from './words.ts';

interface Point {
  readonly row: number;
  readonly col: number;
}

export interface MatrixView extends View {
  focus(): void;
}

const nothing: MatrixSize = { across: { count: 1, size: 1 }, down: { count: 1, size: 1 }, width: 1, height: 1, ruled: false };

export function matrixView(panel: Panel, room: () => Room): MatrixView {
  const canvas = h('canvas', { class: 'matrix-canvas', 'aria-hidden': 'true' });
  const lines = crosshair();
  const [rows, cols] = [axisLabels('rows', 'Destination tokens'), axisLabels('cols', 'Source tokens')];
  const body = h('div', {
    class: 'matrix-body', role: 'application', tabindex: 0, 'aria-roledescription': 'attention matrix',
    onkeydown: (event) => matrixKeys(panel, event),
    onpointermove: (event) => point(under(event)),
    onpointerleave: () => point(null),
    onclick: (event) => choose(under(event)),
  }, canvas, ...lines.elements);
  const corner = h('div', { class: 'matrix-corner muted' }, h('span', {}, 'source →'), h('span', {}, 'dest ↓'));
  const element = h('div', { class: 'matrix', onscroll: () => paint(), onwheel: (event) => zoomBy(event) },
    h('div', { class: 'matrix-space' }, corner, cols.element, rows.element, body));
  let size = nothing;
  let field: Field | undefined;
  let picture: readonly unknown[] = [];
  let pointed: Point | null = null;

  const under = (event: MouseEvent): Point => {
    const { left, top } = body.getBoundingClientRect();
    return { row: itemAt(size.down, (event.clientY - top) * devicePixelRatio), col: itemAt(size.across, (event.clientX - left) * devicePixelRatio) };
  };

  const point = (at: Point | null): void => {
    pointed = at;
    placeLines(panel.state());
    const cell = at && cellOf(panel, panel.state(), at);
    panel.say(cell ? cellWords(cell) : '');
  };

  const choose = ({ row, col }: Point): void => {
    panel.dispatch({ kind: 'choose', position: row, source: col });
    body.focus({ preventScroll: true });
  };

  const zoomBy = (event: WheelEvent): void => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const { row, col } = under(event);
    panel.dispatch({ kind: 'choose', position: row, source: col });
    panel.dispatch({ kind: 'zoom', zoom: panel.state().zoom * (event.deltaY < 0 ? 1.25 : 0.8) });
  };

  const layOut = (state: State): void => {
    const { width, height } = room();
    const [dest, source] = [runTokens(state), sourceTokens(state)];
    const labels = labelRoom(dest === source ? dest : [...dest, ...source]);
    size = matrixSize({ width: width - labels, height: height - labels, rows: dest.length, cols: source.length, zoom: state.zoom, devicePixelRatio });
    const measures = { labels: labels * devicePixelRatio, across: size.across.size, down: size.down.size, 'seen-across': size.width, 'seen-down': size.height };
    for (const [name, device] of Object.entries(measures)) element.style.setProperty(`--${name}`, `${device / devicePixelRatio}px`);
    element.classList.toggle('matrix-zoomed', state.zoom > 1);
    if (canvas.width !== size.width || canvas.height !== size.height) [canvas.width, canvas.height] = [size.width, size.height];
  };

  /** The field is made anew where head, weights, scale or fineness changed. */
  const compute = (state: State): void => {
    const { head, run } = state;
    const layer = head && layerOf(state, head);
    if (!head || !run || !layer) {
      field = undefined;
      picture = [];
      return;
    }
    const tile = panel.tiles.peek(run, head);
    const finest = Math.min(Math.max(size.across.size, size.down.size), Math.max(layer.rows, layer.cols));
    const next = [head, layer, tile, state.scale, finest, run.mask];
    if (next.every((part, index) => part === picture[index])) return;
    picture = next;
    const empty = emptyField(visibilityOf(state, head, layer), finest);
    field = tile ? tileField(empty, tile, state.scale) : headField(empty, layer, head.head, state.scale);
  };

  const paint = (): void => {
    const context = canvas.getContext('2d');
    const state = panel.state();
    const [left, top] = [Math.round(element.scrollLeft * devicePixelRatio), Math.round(element.scrollTop * devicePixelRatio)];
    rows.show(runTokens(state), size.down, top, top + size.height);
    cols.show(sourceTokens(state), size.across, left, left + size.width);
    if (!context || !field) return;
    const image = context.createImageData(size.width, size.height);
    const across = { count: field.cols, size: size.across.size };
    const down = { count: field.rows, size: size.down.size };
    paintField(field, { ...size, across, down, left, top }, panel.ink().palette, { pixels: new Uint32Array(image.data.buffer), stride: size.width, left: 0, top: 0 });
    context.putImageData(image, 0, 0);
  };

  const placeLines = (state: State): void => {
    const { row, col } = pointed ?? { row: positionOf(state), col: state.source };
    lines.place(size.down, row, size.across, col);
    rows.point(runTokens(state), size.down, row);
    cols.point(sourceTokens(state), size.across, col);
  };

  const keepCursorInSight = (state: State): void => {
    if (state.zoom === 1) return;
    const [tall, wide] = [span(size.down, positionOf(state)), span(size.across, state.source)];
    element.scrollTop = scrollTo(element.scrollTop * devicePixelRatio, size.height, tall.start, tall.length) / devicePixelRatio;
    element.scrollLeft = scrollTo(element.scrollLeft * devicePixelRatio, size.width, wide.start, wide.length) / devicePixelRatio;
  };

  return {
    element,
    focus: () => {
      body.focus({ preventScroll: true });
      element.scrollIntoView({ block: 'nearest' });
    },
    update: (state) => {
      const address = state.head ? addressOf(state.head) : '';
      body.setAttribute('aria-label', address);
      body.dataset['vscodeContext'] = JSON.stringify({ webviewSection: 'head', address, preventDefaultContextMenuItems: true });
      layOut(state);
      compute(state);
      element.classList.toggle('matrix-pending', !field);
      keepCursorInSight(state);
      paint();
      placeLines(state);
    },
  };
}
