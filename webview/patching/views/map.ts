/** One heat map: its title, its cells on a canvas, a crosshair on the cell that is selected or pointed at. */
import type { Palette } from '../../lib/color/palette.ts';
import { h } from '../../lib/dom.ts';
import { itemAt } from '../../lib/geometry/axis.ts';
import { crosshair } from '../../lib/matrix/crosshair.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { paintField } from '../../lib/matrix/paint.ts';
import type { MapsSize } from '../geometry/maps.ts';

export interface MapView {
  readonly element: HTMLElement;
  paint(field: Field, palette: Palette, size: MapsSize): void;
  /** The place of the crosshair; null: not in this map. */
  point(at: { readonly row: number; readonly col: number } | null): void;
}

export interface MapEvents {
  readonly point: (row: number, col: number) => void;
  readonly choose: (row: number, col: number) => void;
  readonly leave: () => void;
}

export function mapView(title: string, on: MapEvents): MapView {
  const canvas = h('canvas', { class: 'map-canvas', 'aria-hidden': 'true' });
  const lines = crosshair();
  const marks = h('div', { class: 'map-marks', hidden: true }, ...lines.elements);
  let size: Pick<MapsSize, 'across' | 'down'> = { across: { count: 1, size: 1 }, down: { count: 1, size: 1 } };
  const under = (event: MouseEvent): readonly [row: number, col: number] => {
    const { left, top } = canvas.getBoundingClientRect();
    return [itemAt(size.down, (event.clientY - top) * devicePixelRatio), itemAt(size.across, (event.clientX - left) * devicePixelRatio)];
  };
  const body = h('div', {
    class: 'map-body',
    onpointermove: (event) => on.point(...under(event)),
    onpointerleave: () => on.leave(),
    onclick: (event) => on.choose(...under(event)),
  }, canvas, marks);

  return {
    element: h('div', { class: 'map' }, title !== '' && h('h3', { class: 'map-title mono' }, title), body),
    paint: (field, palette, { across, down, ruled }) => {
      size = { across: { count: field.cols, size: Math.round((across.size / across.count) * field.cols) }, down: { count: field.rows, size: Math.round((down.size / down.count) * field.rows) } };
      const [width, height] = [size.across.size, size.down.size];
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      for (const { style } of [canvas, body]) [style.width, style.height] = [`${width / devicePixelRatio}px`, `${height / devicePixelRatio}px`];
      const context = canvas.getContext('2d');
      const image = context?.createImageData(width, height);
      if (!context || !image) return;
      paintField(field, { ...size, left: 0, top: 0, width, height, ruled }, palette, { pixels: new Uint32Array(image.data.buffer), stride: width, left: 0, top: 0 });
      context.putImageData(image, 0, 0);
    },
    point: (at) => {
      marks.hidden = at === null;
      if (at) lines.place(size.down, at.row, size.across, at.col);
    },
  };
}
