/** The cells of a head drawn large, on a canvas of the size that is seen. */
import type { Palette } from '../../lib/color/palette.ts';
import { h } from '../../lib/dom.ts';
import type { MatrixSize } from '../../lib/geometry/matrix.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { paintField } from '../../lib/matrix/paint.ts';
import type { Offset } from '../../lib/matrix/scrolled.ts';

export interface MatrixCanvas {
  readonly element: HTMLCanvasElement;
  fit(size: MatrixSize): void;
  /** `seen`: the first pixel that is seen. */
  paint(field: Field, size: MatrixSize, seen: Offset, palette: Palette): void;
}

export function matrixCanvas(): MatrixCanvas {
  const element = h('canvas', { class: 'matrix-canvas', 'aria-hidden': 'true' });
  /** Kept: an image of a whole panel takes longer to make than to fill. */
  let image: ImageData | undefined;
  return {
    element,
    fit: ({ width, height }) => {
      if (element.width !== width || element.height !== height) [element.width, element.height] = [width, height];
    },
    paint: (field, size, seen, palette) => {
      const context = element.getContext('2d');
      if (!context) return;
      if (image?.width !== size.width || image.height !== size.height) image = context.createImageData(size.width, size.height);
      const across = { count: field.cols, size: size.across.size };
      const down = { count: field.rows, size: size.down.size };
      paintField(field, { ...size, across, down, ...seen }, palette, { pixels: new Uint32Array(image.data.buffer), stride: size.width, left: 0, top: 0 });
      context.putImageData(image, 0, 0);
    },
  };
}
