/** Examples as people read them: their tokens, and where these stand in the text. */
import type { ExampleContext, ExamplePlace } from '../../../shared/neurons/figures.ts';
import type { StoredLine } from './reader.ts';

/** Tokens that are shown before and behind the one that an example is about. */
const [BEFORE, BEHIND] = [24, 10];

/** Positions that are shown around one: from the first up to and without the second. */
export const spanOf = (position: number, length: number): readonly [number, number] => [Math.max(0, position - BEFORE), Math.min(length, position + BEHIND + 1)];

export type Decode = (id: number) => string;

export function contextOf({ ids }: StoredLine, position: number, decode: Decode): ExampleContext {
  const [from, to] = spanOf(position, ids.length);
  return { tokens: Array.from(ids.subarray(from, to), decode), at: position - from };
}

export const placeOf = ({ id, file, record, offset, starts }: StoredLine, position: number): ExamplePlace =>
  ({ row: id, position, file, record, offset: offset + (starts[position] ?? 0) });
