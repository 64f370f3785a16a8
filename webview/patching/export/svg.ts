/** Heat maps as a drawing, with what they were made from. */
import { plainToken } from '../../../src/shared/visible.ts';
import { cssColour } from '../../lib/color/oklab.ts';
import type { Palette } from '../../lib/color/palette.ts';
import { CHARACTER, drawingFrame, fieldPaths, xmlText } from '../../lib/export/svg.ts';
import { fieldOf } from '../model/field.ts';
import { isFlat, labelText } from '../model/labels.ts';
import { limitOf, measureOf, unitOf } from '../model/measure.ts';
import { picturesOf } from '../model/pictures.ts';
import type { State } from '../model/state.ts';
import { frameWords, kindWords, measureName } from '../model/words.ts';
import { significant } from '../../../src/shared/format.ts';

const [CELL_WIDTH, CELL_HEIGHT, MARGIN, TITLE, NOTE] = [24, 20, 8, 24, 36];
const LONGEST_LABEL = 16;

const cut = (label: string): string => (label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label);

/** All maps one below the other. */
export function mapsSvg(state: State, palette: Palette): string {
  const { run, model } = state;
  if (!run?.frame) return '';
  const measure = measureOf(state);
  const scale = { measure, limit: limitOf(run.cells, measure) };
  const body: string[] = [];
  let [top, width] = [MARGIN + TITLE, 0];
  for (const picture of picturesOf(run.frame)) {
    const field = fieldOf(run, picture, scale);
    const rows = picture.rows.labels.map((_, at) => cut(plainToken(labelText(picture.rows, at))));
    const cols = picture.columns.labels.map((_, at) => cut(plainToken(labelText(picture.columns, at))));
    const left = Math.max(...rows.map((label) => label.length), 1) * CHARACTER + 2 * MARGIN;
    const head = isFlat(picture.columns) ? 18 : Math.max(...cols.map((label) => label.length), 1) * CHARACTER + MARGIN;
    const box = { left, top: top + (picture.title === '' ? 0 : TITLE) + head, width: field.cols * CELL_WIDTH, height: field.rows * CELL_HEIGHT };
    const across = (col: number): number => box.left + (col + 0.5) * CELL_WIDTH;
    if (picture.title !== '') body.push(`<text x="${MARGIN}" y="${top + 14}">${xmlText(picture.title)}</text>`);
    rows.forEach((label, row) => body.push(`<text x="${box.left - 6}" y="${box.top + (row + 0.5) * CELL_HEIGHT + 4}" text-anchor="end">${xmlText(label)}</text>`));
    cols.forEach((label, col) => body.push(isFlat(picture.columns)
      ? `<text x="${across(col)}" y="${box.top - 5}" text-anchor="middle">${xmlText(label)}</text>`
      : `<text transform="translate(${across(col) + 4} ${box.top - 5}) rotate(-90)">${xmlText(label)}</text>`));
    body.push(`<rect x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}" fill="none" stroke="${cssColour(palette.theme.foreground)}" stroke-opacity="0.3"/>`);
    body.push(fieldPaths(field, palette, box));
    top = box.top + box.height + MARGIN;
    width = Math.max(width, box.left + box.width + MARGIN);
  }
  const title = `${kindWords[run.frame.kind]} · ${model?.title ?? ''}`;
  const note = [`${measureName(measure, run.frame.kind)} from ${significant(-scale.limit)} to ${significant(scale.limit)} (${unitOf(measure, run.frame.metric)})`, ...frameWords(run.frame)].join(' · ');
  return drawingFrame({ title, note, palette }, Math.max(Math.ceil(width), Math.ceil(note.length * CHARACTER) + 2 * MARGIN), Math.ceil(top + NOTE), [`<text x="${MARGIN}" y="18" font-weight="bold">${xmlText(title)}</text>`, ...body]);
}
