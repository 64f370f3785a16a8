/** Where a picture that is larger than its frame is scrolled to: a zoom leaves its place where it is, and the cursor's cell comes into sight. */
import { span } from '../geometry/axis.ts';
import type { Axis } from '../geometry/axis.ts';
import { offsetAfterZoom, scrollTo } from '../geometry/matrix.ts';
import type { MatrixSize } from '../geometry/matrix.ts';

/** Device pixels. */
export interface Offset {
  readonly left: number;
  readonly top: number;
}

export interface Cell {
  readonly row: number;
  readonly col: number;
}

export interface Scrolled {
  /** The first device pixel that is seen. */
  seen(): Offset;
  scroll(offset: Offset): void;
  /** The next zoom leaves what is there where it is, not the cursor's cell. Device pixels of what is seen. */
  hold(x: number, y: number): void;
  /** `from`: what was seen before the zoom. */
  zoomed(sizes: { readonly before: MatrixSize; readonly after: MatrixSize }, from: Offset, cursor: Cell): void;
  show(size: MatrixSize, cursor: Cell): void;
}

export function scrolled(frame: HTMLElement): Scrolled {
  let held: { readonly x: number; readonly y: number } | null = null;
  /** Where the last zoom put the first pixel, before the browser rounded it: many small zooms must not add up their roundings. */
  let exact: Offset = { left: 0, top: 0 };

  const seen = (): Offset => ({ left: Math.round(frame.scrollLeft * devicePixelRatio), top: Math.round(frame.scrollTop * devicePixelRatio) });

  const scroll = ({ left, top }: Offset): void => {
    [frame.scrollLeft, frame.scrollTop] = [left / devicePixelRatio, top / devicePixelRatio];
  };

  const show = (size: MatrixSize, { row, col }: Cell): void => {
    const [tall, wide] = [span(size.down, row), span(size.across, col)];
    const { left, top } = seen();
    scroll({ left: scrollTo(left, size.width, wide.start, wide.length), top: scrollTo(top, size.height, tall.start, tall.length) });
  };

  return {
    seen, scroll, show,
    hold: (x, y) => {
      held = { x, y };
    },
    zoomed: ({ before, after }, from, cursor) => {
      const unrounded = (side: keyof Offset): number => (Math.abs(exact[side] - from[side]) < 1 ? exact[side] : from[side]);
      const [left, top] = [unrounded('left'), unrounded('top')];
      const x = held?.x ?? pixelOf(before.across, cursor.col, left, before.width);
      const y = held?.y ?? pixelOf(before.down, cursor.row, top, before.height);
      exact = { left: offsetAfterZoom(before.across, after.across, left, x), top: offsetAfterZoom(before.down, after.down, top, y) };
      scroll(exact);
      if (!held) show(after, cursor);
      held = null;
    },
  };
}

/** Where an item's middle is in what is seen; the middle of it where the item is not in sight. */
function pixelOf(axis: Axis, at: number, offset: number, length: number): number {
  const { start, length: wide } = span(axis, at);
  const pixel = start + wide / 2 - offset;
  return pixel >= 0 && pixel <= length ? pixel : length / 2;
}
