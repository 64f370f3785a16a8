/** Drawings beside each other on one page, each under its caption. */
import { cssColour } from '../color/oklab.ts';
import type { ThemeColours } from '../color/palette.ts';
import { xmlText } from './svg.ts';

export interface JoinedPart {
  readonly caption: string;
  /** A drawing of its own. */
  readonly svg: string;
}

/** Pixels between two drawings, and of the line above each. */
const [GAP, CAPTION] = [16, 24];

export function joinedSvg(title: string, { background, foreground }: ThemeColours, parts: readonly JoinedPart[]): string {
  const sized = parts.map((part) => ({ ...part, width: measure(part.svg, 'width'), height: measure(part.svg, 'height') }));
  const width = sized.reduce((sum, part) => sum + part.width + GAP, -GAP);
  const height = Math.max(...sized.map((part) => part.height)) + CAPTION;
  let left = 0;
  const body = sized.flatMap(({ caption, svg, width: wide }) => {
    const at = left;
    left += wide + GAP;
    return [`<text x="${at + 8}" y="16" font-weight="bold">${xmlText(caption)}</text>`, svg.replace('<svg ', `<svg x="${at}" y="${CAPTION}" `)];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11" fill="${cssColour(foreground)}">`,
    `<title>${xmlText(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${cssColour(background)}"/>`,
    ...body, '</svg>', '',
  ].join('\n');
}

const measure = (svg: string, side: 'width' | 'height'): number => Number(new RegExp(`^<svg [^>]*?\\b${side}="(\\d+)"`).exec(svg)?.[1] ?? 0);
