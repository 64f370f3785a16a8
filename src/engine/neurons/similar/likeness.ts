/** How much neurons are like one. */

export interface Likeness {
  readonly layer: number;
  readonly neuron: number;
  readonly similarity: number;
}

/** Neurons of a list. */
export const LISTED = 10;

/** Of equals the one that stands first in the model. */
export const mostAlike = (all: readonly Likeness[]): readonly Likeness[] =>
  all.filter(({ similarity }) => similarity > -Infinity).sort((a, b) => b.similarity - a.similarity || a.layer - b.layer || a.neuron - b.neuron).slice(0, LISTED);
