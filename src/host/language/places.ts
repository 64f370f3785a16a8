/** Where in an experiment's text its expectations stand. Pure. */
import type { JsonText, Range } from '../../experiments/jsonText.ts';
import { below } from '../../shared/experiment/problem.ts';

export interface ExpectationPlace {
  /** The whole entry: {"address": …, "recovered": …}. */
  readonly entry: Range;
  /** What of it this expectation is: a field's name, or the whole entry. */
  readonly own: Range;
}

const fields: readonly string[] = ['recovered', 'effect', 'metric'];

/** One an expectation, in the order in which the reader gives them: an entry with several fields is as many. */
export function expectationPlaces(json: JsonText): readonly ExpectationPlace[] {
  return json.entriesOf('/expect').flatMap((index): readonly ExpectationPlace[] => {
    const pointer = below('/expect', index);
    const entry = json.rangeOf(pointer);
    const names = json.entriesOf(pointer);
    if (names.includes('top') || names.includes('includes')) return [{ entry, own: entry }];
    return fields.filter((field) => names.includes(field)).map((field) => ({ entry, own: json.rangeOf(below(pointer, field), true) }));
  });
}
