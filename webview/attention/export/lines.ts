/** The lines of a head as they are drawn: vectors, and one line of text each. */
import type { Ink } from '../../lib/color/ink.ts';
import { cssColour } from '../../lib/color/oklab.ts';
import type { ScaleName } from '../../lib/color/levels.ts';
import { csvField, decimal, END } from '../../lib/export/csv.ts';
import { CHARACTER, cutLabel, drawingFrame, xmlText } from '../../lib/export/svg.ts';
import { visibleText } from '../../../src/shared/visible.ts';
import { addressOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import type { Axes } from '../model/read.ts';
import { inDrawingOrder, opacityOf } from '../pattern/lines.ts';
import type { Line } from '../pattern/lines.ts';
import { HEADER } from './csv.ts';

export interface LinesDrawing {
  readonly head: Head;
  readonly note: string;
  readonly ink: Ink;
  readonly axes: Axes;
  readonly lines: readonly Line[];
  readonly scale: ScaleName;
}

/** Of the drawing: a token's row, what the lines go across, and what is above and below them. */
const [ROW, ACROSS, MARGIN, TOP, NOTE] = [20, 240, 8, 32, 28];

export function linesSvg({ head, note, ink: { palette }, axes: { dest, source }, lines, scale }: LinesDrawing): string {
  const title = addressOf(head);
  const [left, right] = [dest, source].map((tokens) => tokens.map(({ text }) => cutLabel(visibleText(text))));
  const room = (labels: readonly string[] = []): number => Math.max(...labels.map((label) => label.length), 1) * CHARACTER + 2 * MARGIN;
  const start = room(left);
  const end = start + ACROSS;
  const middle = (at: number): number => TOP + (at + 0.5) * ROW;
  const label = (text: string, at: number, x: number, anchor: string): string => `<text x="${x.toFixed(1)}" y="${middle(at) + 4}" text-anchor="${anchor}">${xmlText(text)}</text>`;
  const height = TOP + Math.max(dest.length, source.length) * ROW + NOTE;
  return drawingFrame({ title, note, palette }, Math.ceil(Math.max(end + room(right), note.length * CHARACTER + 2 * MARGIN)), height, [
    `<text x="${MARGIN}" y="16" font-weight="bold">${xmlText(title)}</text>`,
    ...(left ?? []).map((text, at) => label(text, at, start - 6, 'end')),
    ...(right ?? []).map((text, at) => label(text, at, end + 6, 'start')),
    `<g stroke="${cssColour(palette.theme.accent)}" shape-rendering="geometricPrecision">`,
    ...inDrawingOrder(lines).map((line) => `<line x1="${start.toFixed(1)}" y1="${middle(line.row)}" x2="${end.toFixed(1)}" y2="${middle(line.col)}" stroke-width="${line.mine ? 2.5 : 1.5}" stroke-opacity="${opacityOf(line, scale).toFixed(3)}"/>`),
    '</g>',
  ]);
}

/** The cells that have a line. */
export function linesCsv(head: Head, { dest, source }: Axes, lines: readonly Line[]): string {
  const address = addressOf(head);
  return [HEADER, ...lines.map(({ row, col, weight }) => [address, row, csvField(dest[row]?.text ?? ''), col, csvField(source[col]?.text ?? ''), decimal(weight)].join(','))].join(END) + END;
}
