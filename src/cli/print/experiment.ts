/** What an experiment gave, for a person at a terminal. */
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { Verdict } from '../../shared/experiment/expect.ts';
import { kinds } from '../../shared/experiment/kinds.ts';
import { baselineOf, isOfTokens } from '../../shared/experiment/result.ts';
import type { Cell, ExperimentFrame, ExperimentOutcome, Grid, PairFrame } from '../../shared/experiment/result.ts';
import { cellAt } from '../../shared/experiment/result.ts';
import { cellsOf, isKnown, strengthOf, strongest } from '../../shared/experiment/strongest.ts';
import { capitalised, count, counted, duration, fixed, significant } from '../../shared/format.ts';
import { plainToken } from '../../shared/visible.ts';
import { clip, table, WIDTH, widthOf, wrap } from './layout.ts';

/** Cells beyond which a map says less than the list of the strongest. */
const MOST_CELLS = 2000;
const LISTED = 10;
const LONGEST_LABEL = 10;
const NOT_RUN = '…';
const UNCHANGED = '=';

export interface ExperimentReport {
  readonly experiment: Experiment;
  readonly outcome: ExperimentOutcome;
  readonly verdicts: readonly Verdict[];
}

export function experimentText({ experiment, outcome, verdicts }: ExperimentReport): string {
  const { frame, passes, ms } = outcome;
  const cells = cellsOf({ frame, values: outcome });
  const sections = [
    headSection(experiment, frame),
    ...frame.pairs.map((pair, index) => pairSection(pair, frame.pairs.length > 1 ? index : null)),
    frame.notes.flatMap((note) => wrap(note, 0, 2)),
    ...frame.grids.map((grid) => mapSection(grid, outcome)),
    legend(cells),
    strongestSection(cells, frame),
    verdicts.length === 0 ? [] : ['Expectations', ...verdicts.flatMap(({ passed, text }) => wrap(`${passed ? 'passed' : 'failed'}  ${text}`, 2, 10))],
    [`${counted(cells.filter(({ ran }) => ran > 0).length, 'cell')} of ${count(cells.length)} by ${counted(passes, 'pass', 'passes')} in ${duration(ms)}`],
  ];
  return `${sections.filter((section) => section.length > 0).map((section) => section.join('\n')).join('\n\n')}\n`;
}

const ways = { denoise: 'denoise: clean into the corrupted run', noise: 'noise: corrupted into the clean run' } as const;

/** What a map cannot be read without. */
function headSection(experiment: Experiment, frame: ExperimentFrame): readonly string[] {
  const how = frame.direction ? `, ${ways[frame.direction]}` : experiment.kind === 'ablation' ? `, by ${experiment.ablate}` : '';
  const means = frame.pairs.length > 1 ? `, means over ${counted(frame.pairs.length, 'pair')}` : ', 1 pair';
  const figures = [`clean ${significant(frame.clean)}`, ...(frame.corrupted === null ? [] : [`corrupted ${significant(frame.corrupted)}`]), `baseline ${significant(baselineOf(frame))}`];
  return [
    ...wrap(`${capitalised(kinds[frame.kind].name)}${how}`),
    ...wrap(`${frame.metric} at position ${experiment.position}${means}: ${figures.join(', ')}`),
  ];
}

function pairSection({ clean, corrupted, target, distractor, position, cleanMetric, corruptedMetric }: PairFrame, index: number | null): readonly string[] {
  const tokens = (list: PairFrame['clean']): string => list.map((token) => plainToken(token.text)).join(' ');
  const what = [...(target ? [`target ${plainToken(target.text)}`] : []), ...(distractor ? [`distractor ${plainToken(distractor.text)}`] : []), `measured at ${position}`];
  return [
    ...(index === null ? [] : [`Pair ${index + 1}`]),
    ...wrap(`clean      ${tokens(clean)} (${significant(cleanMetric)})`, 2, 13),
    ...(corrupted ? wrap(`corrupted  ${tokens(corrupted)}${corruptedMetric === null ? '' : ` (${significant(corruptedMetric)})`}`, 2, 13) : []),
    ...wrap(what.join(', '), 2),
  ];
}

/** Rows down, columns across, in as many blocks as the width asks for. */
function mapSection(grid: Grid, outcome: ExperimentOutcome): readonly string[] {
  const { site, rows, columns, first } = grid;
  const size = rows.labels.length * columns.labels.length;
  const title = `${site}: ${rows.name === 'all' ? '' : `${rows.name} down, `}${columns.name === 'all' ? '' : `${columns.name} across, `}${outcome.frame.corrupted === null ? 'effect' : 'recovered'}`;
  if (size > MOST_CELLS) return [...wrap(`${title}: ${counted(size, 'cell')}, too many to draw here; --csv and --json have them all`)];
  const at = (row: number, column: number): Cell | undefined => {
    const index = first + row * columns.labels.length + column;
    return outcome.frame.addresses[index] === '' ? undefined : cellAt({ frame: outcome.frame, values: outcome, index });
  };
  const grown = rows.labels.map((_, row) => columns.labels.map((_column, column) => at(row, column)));
  const decimals = decimalsFor(grown.flat().flatMap((cell) => cell ?? []));
  const texts = grown.map((row) => row.map((cell) => (cell ? valueText(cell, decimals) : '')));
  const heads = columns.labels.map((label, index) => columnLabel(columns.name, label, index));
  const names = rows.labels.map((label) => clip(label, 2 * LONGEST_LABEL));
  const nameWidth = Math.max(...names.map(widthOf));
  const widths = heads.map((head, column) => Math.max(widthOf(head), ...texts.map((row) => widthOf(row[column] ?? ''))));
  return [
    title,
    ...blocks(widths, WIDTH - 2 - nameWidth).flatMap(({ from, to }, block) => [
      ...(block > 0 ? [''] : []),
      ...table([['', ...heads.slice(from, to)], ...texts.map((row, index) => [names[index] ?? '', ...row.slice(from, to)])], { indent: 2, right: widths.slice(from, to).map((_, index) => index + 1) }),
    ]),
  ];
}

function columnLabel(name: Grid['columns']['name'], label: string, index: number): string {
  if (!isOfTokens({ name })) return clip(label, LONGEST_LABEL);
  return label === String(index) ? label : `${index}:${clip(plainToken(label), LONGEST_LABEL - 2)}`;
}

/** Runs of columns that fit beside each other. */
function blocks(widths: readonly number[], room: number): readonly { readonly from: number; readonly to: number }[] {
  const found: { readonly from: number; to: number }[] = [];
  let used = Infinity;
  widths.forEach((width, column) => {
    const last = found.at(-1);
    if (!last || used + width + 2 > room) {
      found.push({ from: column, to: column + 1 });
      used = width + 2;
      return;
    }
    last.to = column + 1;
    used += width + 2;
  });
  return found;
}

/** Two, or as many as the largest value needs for two digits. */
function decimalsFor(cells: readonly Cell[]): number {
  const largest = Math.max(0, ...cells.filter((cell) => isKnown(cell) && !cell.unchanged).map((cell) => Math.abs(strengthOf(cell))));
  return largest === 0 || !Number.isFinite(largest) ? 2 : Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(largest))));
}

function valueText(cell: Cell, decimals: number): string {
  if (!isKnown(cell)) return cell.ran === 0 ? NOT_RUN : 'NaN';
  return cell.unchanged ? UNCHANGED : plain(strengthOf(cell), decimals);
}

/** What rounds to nothing has no sign. */
const plain = (value: number, decimals: number): string => fixed(value, decimals).replace(/^\u2212(?=0\.0+$)/, '');

function legend(cells: readonly Cell[]): readonly string[] {
  return [
    ...(cells.some((cell) => cell.unchanged) ? [`${UNCHANGED} the edit changed no element, so that the cell says nothing`] : []),
    ...(cells.some(({ ran }) => ran === 0) ? [`${NOT_RUN} not run`] : []),
  ];
}

function strongestSection(cells: readonly Cell[], { corrupted, pairs }: ExperimentFrame): readonly string[] {
  const ranked = strongest(cells).slice(0, LISTED);
  if (ranked.length === 0) return [];
  const isShare = corrupted !== null && ranked.some((cell) => cell.recovered !== null);
  const rows = ranked.map((cell) => [
    cell.address, ...(isShare ? [cell.recovered === null ? '' : plain(cell.recovered, 3)] : []), significant(cell.effect), significant(cell.metric), ...(pairs.length > 1 ? [cell.spread === null ? '' : significant(cell.spread)] : []),
  ]);
  const heads = ['cell', ...(isShare ? ['recovered'] : []), 'effect', 'metric', ...(pairs.length > 1 ? ['spread'] : [])];
  return ['Strongest', ...table([heads, ...rows], { indent: 2, right: [1, 2, 3, 4] })];
}
