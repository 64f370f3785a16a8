/** The palettes of the theme that is on. */
import { isHighContrast, themeColour, themeKind } from '../theme.ts';
import type { Colour } from '../theme.ts';
import { balanced, divergingPalette } from './diverging.ts';
import type { Rgb } from './oklab.ts';
import { makePalette, tintColours } from './palette.ts';
import type { Palette } from './palette.ts';

const opaque = ({ r, g, b }: Colour): Rgb => [r, g, b];

/** A colour that lets the background through, as it looks on it. */
function over({ r, g, b, a }: Colour, below: Rgb): Rgb {
  const blend = (front: number, back: number): number => Math.round(front * a + back * (1 - a));
  return [blend(r, below[0]), blend(g, below[1]), blend(b, below[2])];
}

/** The colours of the moment. */
export interface Ink {
  readonly palette: Palette;
  /** Of effects. */
  readonly diverging: Palette;
  /** Background of a token under a share of ink, -1 to 1: below 0 in the colour of negative effects. */
  readonly tint: (share: number) => Rgb;
}

export function readInk(): Ink {
  const background = opaque(themeColour('--vscode-editor-background'));
  const colours = {
    background,
    foreground: over(themeColour('--vscode-foreground', '--vscode-editor-foreground'), background),
    accent: over(themeColour('--vscode-charts-blue'), background),
    error: over(themeColour('--vscode-charts-red', '--vscode-errorForeground'), background),
    highContrast: isHighContrast(themeKind()),
  };
  // High contrast has no orange.
  const below = over(themeColour('--vscode-charts-orange', '--vscode-charts-yellow'), background);
  return { palette: makePalette(colours), diverging: divergingPalette({ ...colours, below }), tint: tintColours(colours, balanced(below, colours.accent)) };
}
