/** Where a picture that is larger than its frame is scrolled to: a cursor that moves comes into sight, a zoom leaves its place where it is, and other sizes leave what is seen. */
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

/** What the frame shows. */
export interface Shown {
  /** Another picture begins at its cursor. */
  readonly picture: string;
  readonly size: MatrixSize;
  readonly zoom: number;
  readonly cursor: Cell;
}

export interface Scrolled {
  /** The first device pixel that is seen. */
  seen(): Offset;
  scroll(offset: Offset): void;
  /** The next zoom leaves what is there where it is, not the cursor's cell. Device pixels of what is seen. */
  hold(x: number, y: number): void;
  /** Scrolls after a change; `from`: what was seen before it. */
  follow(now: Shown, from: Offset): void;
}

export function scrolled(frame: HTMLElement): Scrolled {
  let held: { readonly x: number; readonly y: number } | null = null;
  /** Where the first pixel was put last, before the browser rounded it: many small zooms must not add up their roundings. */
  let exact: Offset = { left: 0, top: 0 };
  let last: Shown | undefined;

  const seen = (): Offset => ({ left: Math.round(frame.scrollLeft * devicePixelRatio), top: Math.round(frame.scrollTop * devicePixelRatio) });

  const scroll = ({ left, top }: Offset): void => {
    [frame.scrollLeft, frame.scrollTop] = [left / devicePixelRatio, top / devicePixelRatio];
  };

  const show = ({ size, cursor: { row, col } }: Shown): void => {
    const [tall, wide] = [span(size.down, row), span(size.across, col)];
    const { left, top } = seen();
    scroll({ left: scrollTo(left, size.width, wide.start, wide.length), top: scrollTo(top, size.height, tall.start, tall.length) });
  };

  const unrounded = (from: Offset, side: keyof Offset): number => (Math.abs(exact[side] - from[side]) < 1 ? exact[side] : from[side]);

  const zoomed = ({ size: before }: Shown, now: Shown, from: Offset): void => {
    const { size: after, cursor } = now;
    const [left, top] = [unrounded(from, 'left'), unrounded(from, 'top')];
    const x = held?.x ?? pixelOf(before.across, cursor.col, left, before.width);
    const y = held?.y ?? pixelOf(before.down, cursor.row, top, before.height);
    exact = { left: offsetAfterZoom(before.across, after.across, left, x), top: offsetAfterZoom(before.down, after.down, top, y) };
    scroll(exact);
    if (!held) show(now);
  };

  /** The middle of what was seen stays in the middle. */
  const resized = ({ size: before }: Shown, { size: after }: Shown, from: Offset): void => {
    exact = {
      left: offsetAfterZoom(before.across, after.across, unrounded(from, 'left'), before.width / 2, after.width / 2),
      top: offsetAfterZoom(before.down, after.down, unrounded(from, 'top'), before.height / 2, after.height / 2),
    };
    scroll(exact);
  };

  return {
    seen, scroll,
    hold: (x, y) => {
      held = { x, y };
    },
    follow: (now, from) => {
      const before = last;
      last = now;
      if (!before || !isAlike(before, now)) show(now);
      else if (before.zoom !== now.zoom) zoomed(before, now, from);
      else if (before.cursor.row !== now.cursor.row || before.cursor.col !== now.cursor.col) show(now);
      // What was out of the document meanwhile has lost its place.
      else if (!isSameSize(before.size, now.size) || seen().left !== from.left || seen().top !== from.top) resized(before, now, from);
      held = null;
    },
  };
}

const isAlike = (a: Shown, b: Shown): boolean => a.picture === b.picture && a.size.across.count === b.size.across.count && a.size.down.count === b.size.down.count;

const isSameSize = (a: MatrixSize, b: MatrixSize): boolean => a.across.size === b.across.size && a.down.size === b.down.size && a.width === b.width && a.height === b.height;

/** Where an item's middle is in what is seen; the middle of it where the item is not in sight. */
function pixelOf(axis: Axis, at: number, offset: number, length: number): number {
  const { start, length: wide } = span(axis, at);
  const pixel = start + wide / 2 - offset;
  return pixel >= 0 && pixel <= length ? pixel : length / 2;
}
