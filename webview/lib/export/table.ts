/** A table as a drawing: names, numbers, and a bar for one of the numbers. */
import { cssColour } from '../color/oklab.ts';
import type { Rgb } from '../color/oklab.ts';
import { CHARACTER, cutLabel, drawingFrame, xmlText } from './svg.ts';
import type { Drawing } from './svg.ts';

export interface SvgLine {
  /** The first is a name, the others are numbers. */
  readonly cells: readonly string[];
  /** The bar's, as a share of the longest: below 0 to the left. NaN: none. */
  readonly share: number;
}

export interface SvgTable {
  readonly titles: readonly string[];
  readonly lines: readonly SvgLine[];
  /** Of bars to the right and to the left. */
  readonly colours: Readonly<Record<'above' | 'below', Rgb>>;
}

/** Pixels of a row, of the longest bar, and around. */
const [ROW, BAR, MARGIN, GAP, TOP, NOTE] = [18, 160, 8, 16, 34, 28];

export function tableSvg(drawing: Drawing, { titles, lines, colours }: SvgTable): string {
  const diverges = lines.some(({ share }) => share < 0);
  const widths = titles.map((title, column) => Math.max(title.length, ...lines.map(({ cells }) => cutLabel(cells[column] ?? '').length)) * CHARACTER);
  const starts = widths.map((_, column) => widths.slice(0, column).reduce((sum, width) => sum + width + GAP, MARGIN));
  const bars = widths.reduce((sum, width) => sum + width + GAP, MARGIN);
  const zero = bars + (diverges ? BAR : 0);
  const cell = (text: string, column: number, y: number, bold = ''): string => {
    const isName = column === 0;
    return `<text x="${((starts[column] ?? 0) + (isName ? 0 : widths[column] ?? 0)).toFixed(1)}" y="${y}"${isName ? '' : ' text-anchor="end"'}${bold}>${xmlText(cutLabel(text))}</text>`;
  };
  const body = lines.flatMap(({ cells, share }, at) => {
    const top = TOP + (at + 1) * ROW;
    const length = Number.isNaN(share) ? 0 : Math.abs(share) * BAR;
    return [
      ...cells.map((text, column) => cell(text, column, top + 13)),
      `<rect x="${(share < 0 ? zero - length : zero).toFixed(1)}" y="${top + 3}" width="${length.toFixed(1)}" height="${ROW - 6}" fill="${cssColour(share < 0 ? colours.below : colours.above)}"/>`,
    ];
  });
  const width = Math.max(zero + BAR, Math.max(drawing.title.length, drawing.note.length) * CHARACTER + MARGIN) + MARGIN;
  return drawingFrame(drawing, Math.ceil(width), TOP + (lines.length + 1) * ROW + NOTE, [
    `<text x="${MARGIN}" y="16" font-weight="bold">${xmlText(drawing.title)}</text>`, ...titles.map((title, column) => cell(title, column, TOP + 13, ' opacity="0.8"')), ...body,
  ]);
}
