/** A wheel with Ctrl held, which is also how a pinch on a touchpad arrives, as a factor of zoom. */

/** Zoom of one notch of a mouse's wheel, and of a pixel of a pinch. */
const NOTCH = 1.25;
const PIXEL = 0.01;
/** Pixels of a line, where a wheel counts lines. */
const LINE = 33;

/** Null: the wheel means to scroll. */
export function wheelZoom(event: WheelEvent): number | null {
  if (!event.ctrlKey) return null;
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE : event.deltaY;
  return Math.min(Math.max(Math.exp(-pixels * PIXEL), 1 / NOTCH), NOTCH);
}
