/** The matrix as text: architecture by exporter, for a terminal and for the README. */
import { architectures, statesOf } from './cells.ts';
import type { ArchitectureRecord, State } from './cells.ts';

export interface Row {
  readonly name: string;
  readonly cells: ArchitectureRecord['cells'];
  readonly states: Readonly<Record<string, State>>;
}

/** Every architecture with its committed states. */
export const committedRows = (): readonly Row[] => [...architectures].map(([name, { cells }]) => ({ name, cells, states: statesOf(name) }));

/** Columns in the order in which people meet them; others follow. */
const order: readonly string[] = [
  'torch-18', 'torch-18-eager', 'torch-20', 'torch-23', 'torchscript', 'optimum',
  'onnxslim', 'ort-fused', 'ort-fused-20', 'frozen', 'fp16', 'bf16', 'int8-dynamic', 'int8-qdq', 'int4',
];
/** A form of fewer architectures is told below the README's table, which has no room for it. */
const COLUMN_FROM = 3;

function columnsOf(rows: readonly Row[]): readonly string[] {
  const present = new Set(rows.flatMap((row) => Object.keys(row.cells)));
  return [...order.filter((name) => present.has(name)), ...[...present].filter((name) => !order.includes(name)).sort()];
}

type Kind = 'proved' | 'refused' | 'not exported' | '';

function kind({ cells, states }: Row, column: string): Kind {
  const cell = cells[column];
  if (cell === undefined) return '';
  if ('notExported' in cell) return 'not exported';
  const state = states[column];
  return state === undefined ? '' : state === 'proved' ? 'proved' : 'refused';
}

/** How many cells came to what. */
export function matrixCounts(rows: readonly Row[]): Readonly<Record<Kind, number>> {
  const kinds = rows.flatMap((row) => columnsOf(rows).map((column) => kind(row, column)));
  const count = (wanted: Kind): number => kinds.filter((one) => one === wanted).length;
  return { proved: count('proved'), refused: count('refused'), 'not exported': count('not exported'), '': count('') };
}

function totals(rows: readonly Row[]): string {
  const counts = matrixCounts(rows);
  return (['proved', 'refused', 'not exported'] as const).map((wanted) => `${counts[wanted]} ${wanted}`).join(', ');
}

/** What is not proved and why, cells of one reason together. */
function reasons(rows: readonly Row[], wanted: Kind): readonly string[] {
  const found = new Map<string, readonly string[]>();
  for (const row of rows) {
    const byReason = new Map<string, readonly string[]>();
    for (const column of columnsOf(rows).filter((one) => kind(row, one) === wanted)) {
      const [state, cell] = [row.states[column], row.cells[column]];
      const reason = typeof state === 'object' ? state.refused : cell && 'notExported' in cell ? cell.notExported : '';
      byReason.set(reason, [...(byReason.get(reason) ?? []), column]);
    }
    for (const [reason, columns] of byReason) found.set(reason, [...(found.get(reason) ?? []), `${row.name} x ${columns.join(', ')}`]);
  }
  return [...found].map(([reason, cells]) => `${cells.join('; ')}: ${reason}`);
}

export function matrixTable(rows: readonly Row[]): string {
  const columns = columnsOf(rows);
  const width = Math.max(0, ...rows.map((row) => row.name.length));
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => kind(row, column).length)));
  const line = (name: string, cells: readonly string[]): string => [name.padEnd(width), ...cells.map((cell, index) => cell.padEnd(widths[index] ?? 0))].join('  ').trimEnd();
  return [
    line('', columns),
    ...rows.map((row) => line(row.name, columns.map((column) => kind(row, column)))),
    ...reasons(rows, 'refused').map((reason) => `refused: ${reason}`),
    totals(rows),
  ].join('\n');
}

const marks: Readonly<Record<Kind, string>> = { proved: '✓', refused: '✗', 'not exported': '–', '': '' };

/** Forms that few architectures have, those with the same marks together. */
function rareForms(rows: readonly Row[], columns: readonly string[]): readonly string[] {
  const found = new Map<string, readonly string[]>();
  for (const column of columns) {
    const cells = rows.filter((row) => kind(row, column) !== '').map((row) => `${row.name} ${marks[kind(row, column)]}`).join(', ');
    found.set(cells, [...(found.get(cells) ?? []), column]);
  }
  return [...found].map(([cells, forms]) => `${forms.join(', ')}: ${cells}`);
}

function matrixMarkdown(rows: readonly Row[]): string {
  const isRare = (column: string): boolean => rows.filter((row) => kind(row, column) !== '').length < COLUMN_FROM;
  const all = columnsOf(rows);
  const columns = all.filter((column) => !isRare(column));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const list = (title: string, entries: readonly string[]): readonly string[] => (entries.length > 0 ? ['', title, '', ...entries.map((entry) => `- ${entry}`)] : []);
  return [
    `${totals(rows)}.`, '',
    line(['', ...columns.map((column) => column.replaceAll('-', '-<br>'))]),
    line(['---', ...columns.map(() => ':-:')]),
    ...rows.map((row) => line([row.name, ...columns.map((column) => marks[kind(row, column)])])), '',
    '✓ proved, ✗ refused, – not exported; where nothing stands, the form was not made.',
    ...list('Rarer forms:', rareForms(rows, all.filter(isRare))),
    ...list('Refused, with what Cogscope says:', reasons(rows, 'refused')),
    ...list('Not exported, with the exporter\'s own error:', reasons(rows, 'not exported')),
  ].join('\n');
}

const [start, end] = ['<!-- matrix: node scripts/matrix.mjs -->', '<!-- /matrix -->'];

/** The README with the matrix as it is committed. */
export function withMatrix(readme: string): string {
  const [before, rest] = readme.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md has no place for the matrix (${start} … ${end}).`);
  return `${before}${start}\n${matrixMarkdown(committedRows())}\n${end}${after}`;
}
