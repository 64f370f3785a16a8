/** What others say of neurons, imported beside our own readings. Plain data: it crosses process boundaries. */
import { counted } from '../format.ts';

export interface NeuronDescription {
  readonly text: string;
  /** Who says so, as the list has it; the list's file name where it does not tell. */
  readonly source: string;
  /** As the list has it, whatever its scale; null where it has none. */
  readonly score: number | null;
}

export interface DescriptionsImported {
  readonly neurons: number;
  readonly descriptions: number;
  readonly sources: readonly string[];
  /** Descriptions of the same sources that were there before and are gone. */
  readonly replaced: number;
}

/** What becomes of imported descriptions where an index is made again. */
export interface DescriptionsCarried {
  readonly kept: number;
  readonly dropped: number;
  /** The model that they are of, where that is another one: then none is kept. */
  readonly another: string | null;
}

/** "3 imported descriptions are kept, 1 is dropped: the model has no such neuron". */
export function carriedWords({ kept, dropped, another }: DescriptionsCarried): string {
  const are = (count: number): string => (count === 1 ? 'is' : 'are');
  const what = (count: number): string => `${counted(count, 'imported description')} ${are(count)}`;
  if (another !== null) return `${what(dropped)} dropped: ${dropped === 1 ? 'it is' : 'they are'} of ${another}`;
  const lost = 'the model has no such neuron';
  if (kept === 0) return `${what(dropped)} dropped: ${lost}`;
  return `${what(kept)} kept${dropped > 0 ? `, ${dropped} ${are(dropped)} dropped: ${lost}` : ''}`;
}
