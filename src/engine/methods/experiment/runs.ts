/** Untouched runs of an experiment's prompts. */
import type { Value } from '../../onnx/graph.ts';
import type { TowerTokens } from '../prompt.ts';
import { baseRun } from './base.ts';
import type { Base, RunPlace } from './base.ts';

/** A clean and a corrupted run: with one pair each is made once. */
const KEPT = 2;

export class Runs {
  private readonly place: RunPlace;
  private readonly keep: readonly Value[];
  private readonly kept = new Map<TowerTokens, Promise<Base>>();

  /** `keep`: what any part of the experiment asks of an untouched run. */
  constructor(place: RunPlace, keep: readonly Value[]) {
    this.place = place;
    this.keep = keep;
  }

  of(tokens: TowerTokens, position: number): Promise<Base> {
    const known = this.kept.get(tokens);
    if (known) return known;
    for (const oldest of [...this.kept.keys()].slice(0, Math.max(0, this.kept.size - KEPT + 1))) this.kept.delete(oldest);
    const run = baseRun(this.place, { tokens, position, keep: this.keep });
    this.kept.set(tokens, run);
    return run;
  }
}
