/** What one token attends to, as shades of a text and as words. Pure. */
import type { TokenInfo } from '../../shared/protocol/engineApi.ts';
import { plainToken } from '../../shared/visible.ts';

/** From which weight on a token has each shade, the faintest first. */
export const shades = [0.02, 0.1, 0.25, 0.5, 0.75] as const;

/** The index of a weight's shade; undefined below the faintest. NaN has none. */
export function shadeOf(weight: number): number | undefined {
  const index = shades.findLastIndex((from) => weight >= from);
  return index < 0 ? undefined : index;
}

/** The token that holds a unit of the prompt; of several with the same place (bytes of one letter) the first. */
export function tokenAt(tokens: readonly TokenInfo[], unit: number): number | undefined {
  const index = tokens.findIndex(({ start, end }) => start <= unit && unit < end);
  return index < 0 ? undefined : index;
}

/** Tokens that are told in words, the strongest first. */
const MOST_TOLD = 6;

/** One line a token: "0.624  ·park  (7)", with its position. */
export function weightLines(tokens: readonly TokenInfo[], weights: ArrayLike<number>): readonly string[] {
  const ranked = tokens.map(({ text }, position) => ({ text, position, weight: weights[position] ?? 0 })).filter(({ weight }) => weight >= shades[0]);
  return ranked.sort((a, b) => b.weight - a.weight).slice(0, MOST_TOLD).map(({ text, position, weight }) => `${weight.toFixed(3)}  ${plainToken(text)}  (${position})`);
}
