/** What of a model has no counterpart in TransformerLens. */
import { CogscopeError } from '../errors.ts';
import type { ModelSummary } from '../summary.ts';
import type { PanelView } from './view.ts';

/** Throws 'refused' where code would not get what is shown, with why. */
export function checkCounterpart({ towers, inputs }: Pick<ModelSummary, 'towers' | 'inputs'>, { view, edited }: PanelView): void {
  const refuse = (why: string, fix: string): never => {
    throw new CogscopeError('refused', why, fix);
  };
  if (towers.length > 1) refuse('A model of several towers has no counterpart in TransformerLens that could be written out', 'Choose a model with one tower');
  if (inputs.some(({ role }) => role === 'pixels')) refuse('A model of images has no counterpart in TransformerLens that could be written out', 'Choose a language model');
  if (edited) refuse('Values of the model’s inputs were changed by hand, which TransformerLens has no way to say', 'Take the changes back');
  if (view?.kind === 'headScores' && towers.some(({ causal }) => !causal)) refuse('TransformerLens’s head detector reads attention that looks back only, and this model’s looks both ways', 'Choose a decoder');
}
