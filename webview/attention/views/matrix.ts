/** One head drawn large: cells on a canvas, tokens on both axes, a crosshair under pointer or cursor; zoomed, with a map of the whole. */
import '../../lib/matrix/matrix.css';
import type { Palette } from '../../lib/color/palette.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { h } from '../../lib/dom.ts';
import { itemAt, span } from '../../lib/geometry/axis.ts';
import type { Axis } from '../../lib/geometry/axis.ts';
import { matrixSize, offsetAfterZoom, scrollTo } from '../../lib/geometry/matrix.ts';
import type { MatrixSize } from '../../lib/geometry/matrix.ts';
import { axisLabels } from '../../lib/matrix/axisLabels.ts';
import { tokenLabels } from '../../lib/matrix/labelAt.ts';
import { crosshair } from '../../lib/matrix/crosshair.ts';
import { labelRoom } from '../../lib/matrix/labelRoom.ts';
import { minimap } from '../../lib/matrix/minimap.ts';
import { paintField } from '../../lib/matrix/paint.ts';
import { dragToPan } from '../../lib/matrix/pan.ts';
import { wheelZoom } from '../../lib/matrix/wheelZoom.ts';
import { addressOf, sameHead } from '../model/heads.ts';
import { positionOf, runTokens, sourceTokens } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';
import { headPicture } from './headPicture.ts';
import { cellOf } from './largeCell.ts';
import { matrixKeys } from './matrixKeys.ts';
import type { Panel, View } from './panel.ts';
import { cellWords } from './words.ts';

interface Point {
  readonly row: number;
  readonly col: number;
}

/** Device pixels. */
interface Offset {
  readonly left: number;
  readonly top: number;
}

export interface MatrixView extends View {
  focus(): void;
}

const nothing: MatrixSize = { across: { count: 1, size: 1 }, down: { count: 1, size: 1 }, width: 1, height: 1, ruled: false };

/** CSS pixels between the map and the labels around it. */
const MAP_AIR = 10;

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
  const map = minimap((across, down) => scroll(across * size.across.size - size.width / 2, down * size.down.size - size.height / 2));
  const corner = h('div', { class: 'matrix-corner muted' }, h('span', {}, 'source →'), h('span', {}, 'dest ↓'), map.element);
  const element = h('div', { class: 'matrix', onscroll: () => paint(), onwheel: (event) => zoomBy(event) },
    h('div', { class: 'matrix-space' }, corner, cols.element, rows.element, body));
  const pan = dragToPan(body, element);
  const [picture, mapPicture] = [headPicture(panel), headPicture(panel)];
  let size = nothing;
  let field: Field | undefined;
  let mapped: readonly unknown[] = [];
  let pointed: Point | null = null;
  /** Device pixels of what is seen that a zoom is to leave where they are; null: where the cursor is. */
  let anchor: { readonly x: number; readonly y: number } | null = null;
  /** Where the last zoom put the first pixel, before the browser rounded it: many small zooms must not add up their roundings. */
  let exact: Offset = { left: 0, top: 0 };

  /** The first device pixel that is seen. */
  const seen = (): Offset => ({ left: Math.round(element.scrollLeft * devicePixelRatio), top: Math.round(element.scrollTop * devicePixelRatio) });

  const scroll = (left: number, top: number): void => {
    [element.scrollLeft, element.scrollTop] = [left / devicePixelRatio, top / devicePixelRatio];
  };

  const pixels = (event: MouseEvent): { readonly x: number; readonly y: number } => {
    const { left, top } = body.getBoundingClientRect();
    return { x: (event.clientX - left) * devicePixelRatio, y: (event.clientY - top) * devicePixelRatio };
  };

  const under = (event: MouseEvent): Point => {
    const { x, y } = pixels(event);
    return { row: itemAt(size.down, y), col: itemAt(size.across, x) };
  };

  const point = (at: Point | null): void => {
    pointed = at;
    placeLines(panel.state());
    const cell = at && cellOf(panel, panel.state(), at);
    panel.say(cell ? cellWords(cell) : '');
  };

  const choose = ({ row, col }: Point): void => {
    if (!pan.moved()) panel.dispatch({ kind: 'choose', position: row, source: col });
    body.focus({ preventScroll: true });
  };

  const zoomBy = (event: WheelEvent): void => {
    const factor = wheelZoom(event);
    if (factor === null) return;
    event.preventDefault();
    const [{ x, y }, { left, top }] = [pixels(event), seen()];
    anchor = { x: x - left, y: y - top };
    panel.dispatch({ kind: 'zoom', zoom: panel.state().zoom * factor });
  };

  const layOut = (state: State): void => {
    const { width, height } = room();
    const [dest, source] = [runTokens(state), sourceTokens(state)];
    const labels = Math.max(labelRoom(dest), labelRoom(source));
    size = matrixSize({ width: width - labels, height: height - labels, rows: dest.length, cols: source.length, zoom: state.zoom, devicePixelRatio });
    const measures = { labels: labels * devicePixelRatio, across: size.across.size, down: size.down.size, 'seen-across': size.width, 'seen-down': size.height };
    for (const [name, device] of Object.entries(measures)) element.style.setProperty(`--${name}`, `${device / devicePixelRatio}px`);
    element.classList.toggle('matrix-zoomed', state.zoom > 1);
    if (canvas.width !== size.width || canvas.height !== size.height) [canvas.width, canvas.height] = [size.width, size.height];
    drawMap(state, Math.round((labels - 2 * MAP_AIR) * devicePixelRatio));
  };

  const drawMap = (state: State, side: number): void => {
    if (state.zoom === 1) return;
    const small = mapPicture(state, side);
    const next = [small, side, size.across.count, size.down.count, panel.ink()];
    if (next.every((part, index) => part === mapped[index])) return;
    mapped = next;
    map.layOut(size, side);
    map.draw(small, paletteOf(state));
  };

  const paint = (): void => {
    const context = canvas.getContext('2d');
    const state = panel.state();
    const { left, top } = seen();
    rows.show(tokenLabels(runTokens(state)), size.down, top, top + size.height);
    cols.show(tokenLabels(sourceTokens(state)), size.across, left, left + size.width);
    placeLines(state);
    map.frame(size, left, top);
    if (!context || !field) return;
    const image = context.createImageData(size.width, size.height);
    const across = { count: field.cols, size: size.across.size };
    const down = { count: field.rows, size: size.down.size };
    paintField(field, { ...size, across, down, left, top }, paletteOf(state), { pixels: new Uint32Array(image.data.buffer), stride: size.width, left: 0, top: 0 });
    context.putImageData(image, 0, 0);
  };

  const paletteOf = (state: State): Palette => (state.view === 'scores' || state.run?.difference ? panel.ink().diverging : panel.ink().palette);

  const placeLines = (state: State): void => {
    const { row, col } = pointed ?? { row: positionOf(state), col: state.source };
    lines.place(size.down, row, size.across, col);
    rows.point(tokenLabels(runTokens(state)), size.down, row);
    cols.point(tokenLabels(sourceTokens(state)), size.across, col);
  };

  const keepCursorInSight = (state: State): void => {
    if (state.zoom === 1) return;
    const [tall, wide] = [span(size.down, positionOf(state)), span(size.across, state.source)];
    const { left, top } = seen();
    scroll(scrollTo(left, size.width, wide.start, wide.length), scrollTo(top, size.height, tall.start, tall.length));
  };

  /** After a zoom: what was under the pointer stays there; without one, the cursor's cell does. */
  const keepPlace = (state: State, before: MatrixSize, rounded: Offset): void => {
    const unrounded = (side: keyof Offset): number => (Math.abs(exact[side] - rounded[side]) < 1 ? exact[side] : rounded[side]);
    const [left, top] = [unrounded('left'), unrounded('top')];
    const cursor = (axis: Axis, at: number, offset: number, length: number): number => {
      const { start, length: wide } = span(axis, at);
      const pixel = start + wide / 2 - offset;
      return pixel >= 0 && pixel <= length ? pixel : length / 2;
    };
    const x = anchor?.x ?? cursor(before.across, state.source, left, before.width);
    const y = anchor?.y ?? cursor(before.down, positionOf(state), top, before.height);
    exact = { left: offsetAfterZoom(before.across, size.across, left, x), top: offsetAfterZoom(before.down, size.down, top, y) };
    scroll(exact.left, exact.top);
    if (!anchor) keepCursorInSight(state);
    anchor = null;
  };

  return {
    element,
    focus: () => {
      body.focus({ preventScroll: true });
      element.scrollIntoView({ block: 'nearest' });
    },
    update: (state, previous) => {
      const address = state.head ? addressOf(state.head) : '';
      body.setAttribute('aria-label', address);
      body.dataset['vscodeContext'] = JSON.stringify({ webviewSection: 'head', address, preventDefaultContextMenuItems: true });
      const [before, from] = [size, seen()];
      layOut(state);
      field = picture(state, Math.max(size.across.size, size.down.size));
      element.classList.toggle('matrix-pending', !field);
      const isElsewhere = !previous || positionOf(previous) !== positionOf(state) || previous.source !== state.source || !sameHead(previous.head, state.head);
      if (previous && previous.zoom !== state.zoom) keepPlace(state, before, from);
      else if (isElsewhere) keepCursorInSight(state);
      paint();
    },
  };
}
