/** The one state of the panel and who listens to it. */
import type { Action } from './actions.ts';
import { reduce } from './reduce.ts';
import type { State } from './state.ts';

export type Listener = (state: State, previous: State, action: Action) => void;

export class Store {
  private current: State;
  private readonly listeners: Listener[] = [];

  constructor(initial: State) {
    this.current = initial;
  }

  get state(): State {
    return this.current;
  }

  readonly dispatch = (action: Action): void => {
    const previous = this.current;
    this.current = reduce(previous, action);
    if (this.current !== previous) for (const listener of this.listeners) listener(this.current, previous, action);
  };

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }
}
