/**
 * Levels: what a cell of a pattern shows, in one byte. Pictures are made of levels first and coloured by a table of 256
 * afterwards, so that a change of theme recolours and never recomputes.
 */

/** A weight that the mask forbids: empty, which is not zero. */
export const MASKED = 0;
/** The smallest weight, or one that was not sent. */
export const FLOOR = 1;
/** Weight 1. */
export const TOP = 253;
/** The picture has no such cell, though the one beside it does. */
export const MISSING = 254;
/** The row holds NaN. */
export const NAN_LEVEL = 255;

/** How weights become ink. Attention is skewed: the square root shows what the line hides. */
export type ScaleName = 'linear' | 'sqrt';

export const scaleWords: Readonly<Record<ScaleName, string>> = { linear: 'linear', sqrt: 'square root' };

/** Share of ink, 0..1, of a weight. */
export function ink(weight: number, scale: ScaleName): number {
  const bounded = Math.min(Math.max(weight, 0), 1);
  return scale === 'sqrt' ? Math.sqrt(bounded) : bounded;
}

export function levelOf(weight: number, scale: ScaleName): number {
  return Number.isNaN(weight) ? NAN_LEVEL : FLOOR + Math.round(ink(weight, scale) * (TOP - FLOOR));
}
