/** A part of a panel that draws the panel's state. */
export interface View<S> {
  readonly element: HTMLElement;
  /** Draws the state. `previous` is what was drawn last; null where everything is new: first paint, another theme or size. */
  update(state: S, previous: S | null): void;
}
