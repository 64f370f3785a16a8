/** The sequential scale of attention, made from the colours of the editor's theme. */
import { FLOOR, MASKED, MISSING, NAN_LEVEL, TOP } from './levels.ts';
import { contrast, mix } from './oklab.ts';
import type { Rgb } from './oklab.ts';

export interface ThemeColours {
  readonly background: Rgb;
  readonly foreground: Rgb;
  readonly accent: Rgb;
  /** The mark of NaN. */
  readonly error: Rgb;
  readonly highContrast: boolean;
}

/** Share of foreground in the floor: a hint, so that zero can be told from masked. */
const FLOOR_HINT = 0.07;
/** High contrast shows solid steps: the floor and four above it. */
const STEPS = 4;
const STEP_FLOOR = 0.3;

export interface Palette {
  /** Colour of every level. */
  readonly colours: readonly Rgb[];
  /** The same as pixels of an ImageData on a little-endian machine. */
  readonly pixels: Uint32Array;
  readonly theme: ThemeColours;
  /** Levels that are drawn as a pattern on the background. */
  readonly marks: ReadonlyMap<number, Mark>;
}

export interface Mark {
  /** After so many pixels, either way, the pattern begins anew. */
  readonly period: number;
  /** Whether a pixel of the picture has the level's colour. */
  readonly has: (x: number, y: number) => boolean;
}

/** Pixels of one stripe of the mark of NaN: diagonals of its colour and the background. */
const STRIPE = 2;

export const nanStripes: Mark = { period: 2 * STRIPE, has: (x, y) => (x + y) % (2 * STRIPE) < STRIPE };

/** Thin diagonals: nothing stands here. In pixels of the picture. */
export const thinStripes: Mark = { period: 7, has: (x, y) => (x + y) % 7 === 0 };
/** Share of foreground in the marks that are no alarm. */
export const MARK = 0.4;

const marks: Palette['marks'] = new Map([[MISSING, thinStripes], [NAN_LEVEL, nanStripes]]);

export const pixelOf = ([red, green, blue]: Rgb): number => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

export function makePalette(theme: ThemeColours): Palette {
  const colours = Array.from({ length: 256 }, (_, level): Rgb => {
    if (level === MASKED) return theme.background;
    if (level === NAN_LEVEL) return theme.error;
    if (level === MISSING) return mix(theme.background, theme.foreground, MARK);
    return scaleColour(theme, (level - FLOOR) / (TOP - FLOOR));
  });
  return { colours, pixels: Uint32Array.from(colours, pixelOf), theme, marks };
}

/** The colour of a share of ink. */
function scaleColour(theme: ThemeColours, share: number): Rgb {
  if (theme.highContrast) {
    const step = Math.min(Math.floor(share * STEPS + 0.5), STEPS);
    return mix(theme.background, theme.accent, step === 0 ? STEP_FLOOR : STEP_FLOOR + (1 - STEP_FLOOR) * (step / STEPS));
  }
  return mix(mix(theme.background, theme.foreground, FLOOR_HINT), theme.accent, share);
}

/** Text keeps this contrast on a tinted token (WCAG 2, AA). */
const TEXT_CONTRAST = 4.5;

/** Background of a token under a share of ink: as near to the accent, or below 0 to the other colour, as its text allows. */
export function tintColours(theme: ThemeColours, below: Rgb): (share: number) => Rgb {
  const mostOf = (end: Rgb): number => {
    let most = 1;
    while (most > 0 && contrast(mix(theme.background, end, most), theme.foreground) < TEXT_CONTRAST) most -= 0.02;
    return Math.max(most, 0);
  };
  const [above, under] = [{ end: theme.accent, most: mostOf(theme.accent) }, { end: below, most: mostOf(below) }];
  return (share) => {
    const { end, most } = share < 0 ? under : above;
    const size = Math.abs(share);
    return mix(theme.background, end, most * (theme.highContrast ? Math.floor(size * STEPS + 0.5) / STEPS : size));
  };
}
