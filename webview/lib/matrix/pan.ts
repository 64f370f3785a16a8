/** Dragging moves what is seen of a picture that is larger than its frame. */

export interface Pan {
  /** Whether the pointer is moving the picture now, or has just done so: its click is none. */
  readonly moved: () => boolean;
}

/** CSS pixels that a hand moves between pressing and releasing without meaning it. */
const SLACK = 4;

interface Grip {
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly top: number;
}

export function dragToPan(surface: HTMLElement, frame: HTMLElement): Pan {
  let grip: Grip | null = null;
  let moved = false;
  const release = (): void => {
    grip = null;
    surface.classList.remove('panning');
  };
  surface.addEventListener('pointerdown', (event) => {
    moved = false;
    // A finger scrolls by itself.
    if (event.button === 0 && event.pointerType !== 'touch') grip = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop };
  });
  surface.addEventListener('pointermove', (event) => {
    if (!grip) return;
    const [right, down] = [event.clientX - grip.x, event.clientY - grip.y];
    const isLarger = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
    if (!moved && isLarger && Math.hypot(right, down) > SLACK) {
      moved = true;
      surface.setPointerCapture(event.pointerId);
      surface.classList.add('panning');
    }
    if (moved) [frame.scrollLeft, frame.scrollTop] = [grip.left - right, grip.top - down];
  });
  surface.addEventListener('pointerup', release);
  surface.addEventListener('pointercancel', release);
  return { moved: () => moved };
}
