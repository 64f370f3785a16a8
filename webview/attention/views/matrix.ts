/** One head drawn large: cells on a canvas, tokens on both axes, a crosshair under pointer or cursor; zoomed, with a map of the whole. */
import '../../lib/matrix/matrix.css';
import type { Field } from '../../lib/matrix/field.ts';
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { itemAt } from '../../lib/geometry/axis.ts';
import type { MatrixSize } from '../../lib/geometry/matrix.ts';
import { axisLabels } from '../../lib/matrix/axisLabels.ts';
import { crosshair } from '../../lib/matrix/crosshair.ts';
import { dragToPan } from '../../lib/matrix/pan.ts';
import { scrolled } from '../../lib/matrix/scrolled.ts';
import type { Cell } from '../../lib/matrix/scrolled.ts';
import { wheelZoom } from '../../lib/matrix/wheelZoom.ts';
import { positionOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';
import { headPicture, paletteOf } from './headPicture.ts';
import { cellOf } from './largeCell.ts';
import { matrixCanvas } from './matrixCanvas.ts';
import { matrixCorner } from './matrixCorner.ts';
import { matrixKeys } from './matrixKeys.ts';
import { headName, labelsOf, labelSide, seenPoint, sizeBeside } from './matrixLabels.ts';
import type { Panel, View } from './panel.ts';
import { cellWords } from './words.ts';

export interface MatrixView extends View {
  focus(): void;
}

/** One of two that share cursor, zoom and scroll. */
export interface LockedMatrix extends MatrixView {
  /** Puts the crosshair where the pointer is in the other one; null: back to the cursor. */
  follow(at: Cell | null): void;
}

const nothing: MatrixSize = { across: { count: 1, size: 1 }, down: { count: 1, size: 1 }, width: 1, height: 1, ruled: false };

/** `pointedAt` is told where the pointer is; null: nowhere. */
export function matrixView(panel: Panel, room: () => Room, pointedAt: (at: Cell | null) => void = () => undefined): LockedMatrix {
  const [canvas, lines] = [matrixCanvas(), crosshair()];
  const [rows, cols] = [axisLabels('rows', 'Destination tokens'), axisLabels('cols', 'Source tokens')];
  const body = h('div', {
    class: 'matrix-body', role: 'application', tabindex: 0, 'aria-roledescription': 'attention matrix',
    onkeydown: (event) => matrixKeys(panel, event),
    onpointermove: (event) => point(under(event)),
    onpointerleave: () => point(null),
    onclick: (event) => choose(under(event)),
  }, canvas.element, ...lines.elements);
  const corner = matrixCorner(panel, (across, down) => place.scroll({ left: across * size.across.size - size.width / 2, top: down * size.down.size - size.height / 2 }));
  const element = h('div', { class: 'matrix', onscroll: () => paintMoved(), onwheel: (event) => zoomBy(event) },
    h('div', { class: 'matrix-space' }, corner.element, cols.element, rows.element, body));
  const [pan, place, picture] = [dragToPan(body, element), scrolled(element), headPicture(panel)];
  let size = nothing;
  let field: Field | undefined;
  let pointed: Cell | null = null;
  const cursor = (state: State): Cell => ({ row: positionOf(state), col: state.source });
  /** What was drawn last begins here. */
  let drawn = { left: NaN, top: NaN };

  const pixels = (event: MouseEvent): { readonly x: number; readonly y: number } => {
    const { left, top } = body.getBoundingClientRect();
    return { x: (event.clientX - left) * devicePixelRatio, y: (event.clientY - top) * devicePixelRatio };
  };

  const under = (event: MouseEvent): Cell => {
    const { x, y } = pixels(event);
    return { row: itemAt(size.down, y), col: itemAt(size.across, x) };
  };

  const follow = (at: Cell | null): void => {
    pointed = at;
    placeLines(panel.state());
  };

  const point = (at: Cell | null): void => {
    follow(at);
    pointedAt(at);
    const cell = at && cellOf(panel, panel.state(), at);
    panel.say(cell ? cellWords(cell) : '');
  };

  const choose = ({ row, col }: Cell): void => {
    if (!pan.moved()) panel.dispatch({ kind: 'choose', position: row, source: col });
    body.focus({ preventScroll: true });
  };

  const zoomBy = (event: WheelEvent): void => {
    const factor = wheelZoom(event);
    if (factor === null) return;
    event.preventDefault();
    const [{ x, y }, { left, top }] = [pixels(event), place.seen()];
    place.hold(x - left, y - top);
    panel.dispatch({ kind: 'zoom', zoom: panel.state().zoom * factor });
  };

  const layOut = (state: State): void => {
    const labels = labelSide(state);
    size = sizeBeside(labels, room(), state);
    const measures = { labels: labels * devicePixelRatio, across: size.across.size, down: size.down.size, 'seen-across': size.width, 'seen-down': size.height };
    for (const [name, device] of Object.entries(measures)) element.style.setProperty(`--${name}`, `${device / devicePixelRatio}px`);
    element.classList.toggle('matrix-zoomed', state.zoom > 1);
    canvas.fit(size);
    corner.draw(state, size, labels * devicePixelRatio);
  };

  /** After a scroll; one that follows a zoom has been drawn with it. */
  const paintMoved = (): void => {
    const { left, top } = place.seen();
    if (left !== drawn.left || top !== drawn.top) paint();
  };

  const paint = (): void => {
    const state = panel.state();
    const { left, top } = drawn = place.seen();
    const labels = labelsOf(state);
    rows.show(labels.rows, size.down, top, top + size.height);
    cols.show(labels.cols, size.across, left, left + size.width);
    placeLines(state);
    corner.frame(size, drawn);
    if (field) canvas.paint(field, size, drawn, paletteOf(panel, state));
  };

  const placeLines = (state: State): void => {
    const at = pointed ?? cursor(state);
    const [seen, labels] = [seenPoint(state, at), labelsOf(state)];
    lines.place(size.down, seen.row, size.across, seen.col);
    rows.point(labels.rows, size.down, at.row);
    cols.point(labels.cols, size.across, at.col);
  };

  return {
    element,
    follow,
    focus: () => {
      body.focus({ preventScroll: true });
      element.scrollIntoView({ block: 'nearest' });
    },
    update: (state) => {
      const { name, address } = headName(state);
      body.setAttribute('aria-label', name);
      body.dataset['vscodeContext'] = contextOf('head', address);
      const from = drawn;
      layOut(state);
      field = picture(state, Math.max(size.across.size, size.down.size));
      element.classList.toggle('matrix-pending', !field);
      place.follow({ picture: address, size, zoom: state.zoom, cursor: cursor(state) }, from);
      paint();
    },
  };
}
