/** The one state of a panel and who listens to it. */
export type Listener<S, A> = (state: S, previous: S, action: A) => void;

export class Store<S, A> {
  private current: S;
  private readonly reduce: (state: S, action: A) => S;
  private readonly listeners: Listener<S, A>[] = [];

  constructor(initial: S, reduce: (state: S, action: A) => S) {
    this.current = initial;
    this.reduce = reduce;
  }

  get state(): S {
    return this.current;
  }

  readonly dispatch = (action: A): void => {
    const previous = this.current;
    this.current = this.reduce(previous, action);
    if (this.current !== previous) for (const listener of this.listeners) listener(this.current, previous, action);
  };

  listen(listener: Listener<S, A>): void {
    this.listeners.push(listener);
  }
}
