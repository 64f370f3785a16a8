/** Text in 80 columns: paragraphs, tables, figures. Pure. */

export const WIDTH = 80;

/** Lines of at most 80 columns. A word that is longer stands alone. */
export function wrap(text: string, indent = 0, hanging = indent): readonly string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > WIDTH) {
      lines.push(line);
      line = ' '.repeat(hanging);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

export interface TableOptions {
  readonly indent?: number;
  /** Columns whose cells stand to the right: figures. */
  readonly right?: readonly number[];
}

/** Room that a wrapped last column must have. */
const LAST = 20;

/** Columns two spaces apart. The last one is wrapped where it would leave the 80 columns; no line ends in spaces. */
export function table(rows: readonly (readonly string[])[], { indent = 0, right = [] }: TableOptions = {}): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ''))));
  const before = indent + widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  return rows.flatMap((row) => {
    const cells = widths.map((width, column) => pad(row[column] ?? '', width, right.includes(column)));
    const head = `${' '.repeat(indent)}${cells.slice(0, -1).map((cell) => `${cell}  `).join('')}`;
    const last = cells.at(-1) ?? '';
    if (before + widthOf(last.trimEnd()) <= WIDTH || before > WIDTH - LAST) return [`${head}${last}`.trimEnd()];
    const [first = '', ...more] = wrap(last.trim(), before);
    return [`${head}${first.trimStart()}`, ...more];
  });
}

function pad(text: string, width: number, isRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isRight ? space + text : text + space;
}

/** Columns on a terminal, near enough: East Asian letters and pictures take two, combining marks none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Cf}/u.test(character)) continue;
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(character) ? 2 : 1;
  }
  return width;
}

/** At most `width` columns, with … for what is left out. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let clipped = '';
  for (const character of text) {
    if (widthOf(clipped) + widthOf(character) + 1 > width) break;
    clipped += character;
  }
  return `${clipped}…`;
}
