/** The whole picture small, with a frame around what is seen of it. Dragging the frame moves what is seen; by keyboard the cursor does. */
import { h } from '../dom.ts';
import type { Palette } from '../color/palette.ts';
import type { MatrixSize } from '../geometry/matrix.ts';
import type { Field } from './field.ts';
import { paintField } from './paint.ts';

export interface Minimap {
  readonly element: HTMLElement;
  /** Lays the map out in a square of so many device pixels. */
  layOut(size: MatrixSize, side: number): void;
  draw(field: Field | undefined, palette: Palette): void;
  /** Frames what is seen, from the first device pixel on. */
  frame(size: MatrixSize, left: number, top: number): void;
}

/** `look`: the place in the whole picture that is to be in the middle, as shares of its width and height. */
export function minimap(look: (across: number, down: number) => void): Minimap {
  const canvas = h('canvas', { class: 'minimap-canvas' });
  const seen = h('div', { class: 'minimap-seen' });
  const follow = (event: PointerEvent): void => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    look((event.clientX - left) / width, (event.clientY - top) / height);
  };
  const element = h('div', {
    class: 'minimap', 'aria-hidden': 'true',
    onpointerdown: (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      follow(event);
    },
    onpointermove: (event) => {
      if (element.hasPointerCapture(event.pointerId)) follow(event);
    },
  }, canvas, seen);

  return {
    element,
    layOut: ({ across, down }, side) => {
      const longest = Math.max(across.size, down.size);
      const [width, height] = [across, down].map((axis) => Math.max(Math.round((axis.size / longest) * side), 1)) as [number, number];
      if (canvas.width === width && canvas.height === height) return;
      [canvas.width, canvas.height] = [width, height];
      [canvas.style.width, canvas.style.height] = [`${width / devicePixelRatio}px`, `${height / devicePixelRatio}px`];
    },
    draw: (field, palette) => {
      const context = canvas.getContext('2d');
      if (!context || !field) return;
      const { width, height } = canvas;
      const image = context.createImageData(width, height);
      const whole = { across: { count: field.cols, size: width }, down: { count: field.rows, size: height }, left: 0, top: 0, width, height, ruled: false };
      paintField(field, whole, palette, { pixels: new Uint32Array(image.data.buffer), stride: width, left: 0, top: 0 });
      context.putImageData(image, 0, 0);
    },
    frame: (size, left, top) => {
      const share = (part: number, whole: number): string => `${(100 * part) / whole}%`;
      seen.style.left = share(left, size.across.size);
      seen.style.top = share(top, size.down.size);
      seen.style.width = share(size.width, size.across.size);
      seen.style.height = share(size.height, size.down.size);
    },
  };
}
