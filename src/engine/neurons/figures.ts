/** Neurons that say nothing by themselves. */
import type { IndexTables } from './store/index.ts';
import type { IndexState } from './store/made.ts';

/** A neuron fires where its activation is above 0; a dense one fires on more than half of the tokens, a dead one on none. */
export const DENSE = 0.5;

export const isDead = (firing: number, tokens: number): boolean => tokens > 0 && firing === 0;
export const isDense = (firing: number, tokens: number): boolean => firing > tokens * DENSE;

export function figuresOf({ mlps }: IndexTables, { tokens }: IndexState): { readonly dead: number; readonly dense: number } {
  let [dead, dense] = [0, 0];
  for (const { firing } of mlps) {
    for (const count of firing) {
      if (isDead(count, tokens)) dead++;
      if (isDense(count, tokens)) dense++;
    }
  }
  return { dead, dense };
}
