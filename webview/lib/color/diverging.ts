/**
 * The diverging scale of effects: one colour below nothing and one above it around the background, symmetric about zero. Levels as in levels.ts: pictures are
 * made of them and coloured afterwards.
 */
import { NAN_LEVEL } from './levels.ts';
import { fromOklab, mix, toOklab } from './oklab.ts';
import type { Rgb } from './oklab.ts';
import { MARK, nanStripes, pixelOf, thinStripes } from './palette.ts';
import type { Palette, ThemeColours } from './palette.ts';

/** There is no such cell. */
export const ABSENT = 0;
const FIRST = 1;
/** Nothing: the middle of the scale. */
export const ZERO = 126;
const LAST = 251;
/** The cell has not been run. */
export const NOT_RUN = 253;
/** The cell's edit changed no element. */
export const UNCHANGED = 254;

const SPAN = LAST - ZERO;

/** The level of a value on a scale from −limit to limit; beyond it, its end. */
export function divergingLevel(value: number, limit: number): number {
  if (Number.isNaN(value)) return NAN_LEVEL;
  return ZERO + Math.sign(value) * Math.round(Math.min(Math.abs(value) / limit, 1) * SPAN);
}

/** The ends of the scale: of bars above and below zero. */
export const barColours = ({ colours, theme }: Palette): Readonly<Record<'above' | 'below', Rgb>> => ({ above: colours[LAST] ?? theme.accent, below: colours[FIRST] ?? theme.error });

/** Share of the scale, −1 to 1, at a level. */
const shareOf = (level: number): number => (level - ZERO) / SPAN;

export interface DivergingColours extends ThemeColours {
  /** Of values below zero; the accent is that of values above. */
  readonly below: Rgb;
}

/** Share of foreground in zero: a hint, so that it can be told from what is not there; a black screen needs more of it. */
const [ZERO_HINT, STRONG_HINT] = [0.05, 0.16];
/** High contrast shows solid steps: zero, and so many to each side. */
const STEPS = 3;

export function divergingPalette(theme: DivergingColours): Palette {
  const mark = mix(theme.background, theme.foreground, MARK);
  const below = balanced(theme.below, theme.accent);
  const colours = Array.from({ length: 256 }, (_, level): Rgb => {
    if (level === NAN_LEVEL) return theme.error;
    if (level === NOT_RUN || level === UNCHANGED) return mark;
    if (level < FIRST || level > LAST) return theme.background;
    return scaleColour({ ...theme, below }, shareOf(level));
  });
  return { colours, pixels: Uint32Array.from(colours, pixelOf), theme, marks };
}

/** A colour's hue with the lightness and the chroma of another, so that both ends of the scale stand out alike: themes mix their orange much weaker than their blue. */
export function balanced(colour: Rgb, like: Rgb): Rgb {
  const [, a, b] = toOklab(colour);
  const [lightness, likeA, likeB] = toOklab(like);
  const chroma = Math.hypot(a, b);
  if (chroma === 0) return colour;
  const factor = Math.hypot(likeA, likeB) / chroma;
  return fromOklab([lightness, a * factor, b * factor]);
}

function scaleColour(theme: DivergingColours, share: number): Rgb {
  const zero = mix(theme.background, theme.foreground, theme.highContrast ? STRONG_HINT : ZERO_HINT);
  const end = share < 0 ? theme.below : theme.accent;
  const size = Math.abs(share);
  return mix(zero, end, theme.highContrast ? Math.ceil(Math.max(size - 1 / (4 * STEPS), 0) * STEPS) / STEPS : size);
}

/** Thin diagonals; dots; and the thick stripes of NaN. */
const marks: Palette['marks'] = new Map([
  [NOT_RUN, thinStripes],
  [UNCHANGED, { period: 6, has: (x, y) => x % 6 === 3 && y % 6 === 3 }],
  [NAN_LEVEL, nanStripes],
]);
