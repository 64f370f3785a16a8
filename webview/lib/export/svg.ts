/** Patterns as drawings: vectors with text, in the colours of the theme that they were made under. */
import { MASKED } from '../color/levels.ts';
import { cssColour } from '../color/oklab.ts';
import type { Palette } from '../color/palette.ts';
import { labelStep } from '../geometry/axis.ts';
import type { Field } from '../matrix/field.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as XML holds it; characters that XML forbids are replaced. */
export const xmlText = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd').replace(/[&<>"]/g, (character) => entities[character] ?? '');

/** A picture's place on the page. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One path a level, from runs of equal cells; masked cells are left out. */
export function fieldPaths(field: Field, palette: Palette, box: Box): string {
  const runs = new Map<number, string[]>();
  const { left, top } = box;
  const [width, height] = [box.width / field.cols, box.height / field.rows];
  const short = (value: number): string => String(Number(value.toFixed(2)));
  for (let row = 0; row < field.rows; row++) {
    for (let col = 0, end = 0; col < field.cols; col = end) {
      const level = field.levels[row * field.cols + col] ?? MASKED;
      for (end = col + 1; end < field.cols && field.levels[row * field.cols + end] === level; end++);
      if (level === MASKED) continue;
      const path = `M${short(left + col * width)} ${short(top + row * height)}h${short((end - col) * width)}v${short(height)}h${short((col - end) * width)}z`;
      runs.set(level, [...(runs.get(level) ?? []), path]);
    }
  }
  const fill = (level: number): string => (palette.marks.has(level) ? `url(#${markId(level)})` : cssColour(palette.colours[level] ?? palette.theme.error));
  return [...runs].sort(([a], [b]) => a - b).map(([level, paths]) => `<path fill="${fill(level)}" d="${paths.join('')}"/>`).join('\n');
}

const markId = (level: number): string => `mark-${level}`;

/** The patterns of marks that a drawing has. */
function markPatterns({ marks, colours, theme }: Palette, body: readonly string[]): readonly string[] {
  return [...marks].filter(([level]) => body.some((line) => line.includes(`#${markId(level)})`))).map(([level, { period, has }]) => {
    const pixels = Array.from({ length: period * period }, (_, at) => [at % period, Math.floor(at / period)] as const).filter(([x, y]) => has(x, y));
    const path = pixels.map(([x, y]) => `M${x} ${y}h1v1h-1z`).join('');
    return `<pattern id="${markId(level)}" width="${period}" height="${period}" patternUnits="userSpaceOnUse"><path fill="${cssColour(colours[level] ?? theme.error)}" d="${path}"/></pattern>`;
  });
}

export interface Drawing {
  readonly title: string;
  /** What it was made from: model, prompt, scale, cut-off. */
  readonly note: string;
  readonly palette: Palette;
}

/** The page of a drawing: its title, what it was made from, and what is drawn. */
export function drawingFrame(drawing: Drawing, width: number, height: number, body: readonly string[]): string {
  const { theme } = drawing.palette;
  const patterns = markPatterns(drawing.palette, body);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11" fill="${cssColour(theme.foreground)}" shape-rendering="crispEdges">`,
    `<title>${xmlText(drawing.title)}</title>`,
    `<desc>${xmlText(drawing.note)}</desc>`,
    `<rect width="${width}" height="${height}" fill="${cssColour(theme.background)}"/>`,
    ...(patterns.length > 0 ? [`<defs>${patterns.join('')}</defs>`] : []),
    ...body,
    `<text x="8" y="${height - 8}" opacity="0.8">${xmlText(drawing.note)}</text>`,
    '</svg>', '',
  ].join('\n');
}

const MARGIN = 8;
const NOTE = 28;
const HEAD_SIDE = 640;
/** Width of a character of the text. */
export const CHARACTER = 6.7;
const LONGEST_LABEL = 18;

/** A token's label as it fits beside a picture. */
export const cutLabel = (label: string): string => (label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label);

/** One head, with its tokens on both axes. */
export function headSvg(drawing: Drawing, field: Field, rows: readonly string[], cols: readonly string[]): string {
  const longest = Math.max(...[...rows, ...cols].map((label) => cutLabel(label).length), 1) * CHARACTER + 2 * MARGIN;
  const [left, top] = [longest, longest + 20];
  const axis = (labels: readonly string[]): { readonly step: number; readonly pitch: number } =>
    ({ step: labelStep({ count: labels.length, size: HEAD_SIDE }, 12), pitch: HEAD_SIDE / Math.max(labels.length, 1) });
  const [down, across] = [axis(rows), axis(cols)];
  const at = (value: number): string => value.toFixed(1);
  const rowLabels = rows.flatMap((label, row) => (row % down.step === 0 ? [`<text x="${at(left - 6)}" y="${at(top + (row + 0.5) * down.pitch + 4)}" text-anchor="end">${xmlText(cutLabel(label))}</text>`] : []));
  const colLabels = cols.flatMap((label, col) => (col % across.step === 0 ? [`<text transform="translate(${at(left + (col + 0.5) * across.pitch + 4)} ${at(top - 6)}) rotate(-90)">${xmlText(cutLabel(label))}</text>`] : []));
  return drawingFrame(drawing, Math.ceil(left + HEAD_SIDE + MARGIN), Math.ceil(top + HEAD_SIDE + NOTE), [
    `<text x="${MARGIN}" y="16" font-weight="bold">${xmlText(drawing.title)}</text>`, ...rowLabels, ...colLabels,
    fieldPaths(field, drawing.palette, { left, top, width: HEAD_SIDE, height: HEAD_SIDE }),
  ]);
}

export interface SvgRow {
  readonly label: string;
  readonly heads: readonly Field[];
}

const SMALL_SIDE = 96;

/** All heads as small multiples. */
export function gridSvg(drawing: Drawing, rows: readonly SvgRow[]): string {
  const left = Math.max(...rows.map((row) => row.label.length), 1) * CHARACTER + 2 * MARGIN;
  const top = 44;
  const pitch = SMALL_SIDE + 1;
  const widest = Math.max(...rows.map((row) => row.heads.length), 1);
  const columns = Array.from({ length: widest }, (_, head) => `<text x="${left + head * pitch}" y="${top - 6}">H${head}</text>`);
  const body = rows.flatMap((row, index) => [
    `<text x="${left - 6}" y="${top + index * pitch + 12}" text-anchor="end">${xmlText(row.label)}</text>`,
    ...row.heads.map((field, head) => fieldPaths(field, drawing.palette, { left: left + head * pitch, top: top + index * pitch, width: SMALL_SIDE, height: SMALL_SIDE })),
  ]);
  return drawingFrame(drawing, Math.ceil(left + widest * pitch + MARGIN), top + rows.length * pitch + NOTE, [`<text x="${MARGIN}" y="16" font-weight="bold">${xmlText(drawing.title)}</text>`, ...columns, ...body]);
}
