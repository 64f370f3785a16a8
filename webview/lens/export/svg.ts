/** The lens as a drawing: a cell a state and position, with its first token, in the colours of the theme that it was made under. */
import { cssColour } from '../../lib/color/oklab.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { drawingFrame, xmlText } from '../../lib/export/svg.ts';
import { visibleText } from '../../../src/shared/visible.ts';
import { columnToken, largest, measureWords, numberText, shareOf, stateName, topToken, valueAt } from '../model/read.ts';
import type { State } from '../model/state.ts';

const [WIDTH, ROW, LEFT, TOP, NOTE] = [96, 20, 84, 52, 28];
/** Characters of a token that a cell holds. */
const LONGEST = 8;

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

export function lensSvg(state: State, ink: Ink): string {
  const { run, measure } = state;
  const frame = run?.frame;
  if (!frame) return '';
  const most = largest(state, measure);
  const note = `${state.model?.title ?? ''} · logit lens · ${measureWords[measure]}${frame.target ? ` (${visibleText(frame.target.text)})` : ''}`;
  const body = [
    `<text x="8" y="16" font-weight="bold">Logit lens</text>`,
    ...frame.positions.map((_, column) => `<text x="${LEFT + column * WIDTH + 4}" y="${TOP - 6}">${xmlText(cut(columnToken(frame, column)))}</text>`),
    ...frame.states.flatMap(({ address }, at) => {
      const row = run.rows.get(at);
      const top = TOP + at * ROW;
      return [
        `<text x="${LEFT - 6}" y="${top + 14}" text-anchor="end">${xmlText(stateName(address))}</text>`,
        ...(row ? frame.positions.flatMap((_, column) => {
          const value = valueAt(row, column, frame.top, measure);
          const left = LEFT + column * WIDTH;
          return [
            `<rect x="${left}" y="${top}" width="${WIDTH - 1}" height="${ROW - 1}" fill="${cssColour(ink.tint(shareOf(value, measure, most)))}"/>`,
            `<text x="${left + 4}" y="${top + 14}">${xmlText(cut(visibleText(topToken(row, column, frame.top))))}</text>`,
            `<text x="${left + WIDTH - 5}" y="${top + 14}" text-anchor="end" font-size="9">${xmlText(numberText(value, measure))}</text>`,
          ];
        }) : []),
      ];
    }),
  ];
  return drawingFrame({ title: 'Logit lens', note, palette: ink.palette }, LEFT + frame.positions.length * WIDTH + 8, TOP + frame.states.length * ROW + NOTE, body);
}
