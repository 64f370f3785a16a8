/** An experiment's file: read, checked, with the pairs and paths that it names. What is wrong is said with its line and column. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CogscopeError } from '../shared/errors.ts';
import type { ErrorCode } from '../shared/errors.ts';
import type { Experiment } from '../shared/experiment/experiment.ts';
import type { Problem } from '../shared/experiment/problem.ts';
import { readExperiment } from '../shared/experiment/read.ts';
import type { Settled } from '../shared/experiment/read.ts';
import { JsonText } from './jsonText.ts';
import type { LineColumn, Range } from './jsonText.ts';
import { withPaths } from './paths.ts';

export interface PlacedProblem extends Omit<Problem, 'line'>, LineColumn {
  /** The experiment's file, or its file of pairs. */
  readonly file: string;
  /** In the text of that file. */
  readonly range: Range;
  readonly code: Extract<ErrorCode, 'usage' | 'unreadable'>;
}

export interface ExperimentFile {
  readonly path: string;
  readonly json: JsonText;
  /** In the order of the text. */
  readonly problems: readonly PlacedProblem[];
  /** Its paths are absolute; null where there are problems. */
  readonly experiment: Experiment | null;
}

/** Reads the file, or takes `text` for what is in it: an editor's unsaved text. Throws 'unreadable' where there is no such file. */
export async function openExperiment(path: string, text?: string): Promise<ExperimentFile> {
  const json = JsonText.parse(text ?? await contentOf(path));
  const here: Place = { file: path, json };
  if (json.broken.length > 0) return { path, json, problems: json.broken.map(({ problem, range }) => placed(problem, range, here)), experiment: null };
  const reading = readExperiment(json.value);
  if (reading.kind === 'pairs') {
    const file = resolve(dirname(path), reading.path);
    const lines = await pairLines(file).catch((error: unknown) => CogscopeError.describe(error));
    if ('code' in lines) return { path, json, problems: [at({ pointer: '/pairs', what: `The file of pairs ${lines.what}`, todo: lines.todo }, here, 'unreadable')], experiment: null };
    if (lines.problems.length > 0) return { path, json, problems: lines.problems, experiment: null };
    return settled(reading.withPairs(lines.lines.map(({ line, json: { value } }) => ({ line, value }))), here, lines);
  }
  return settled(reading, here, null);
}

/** The path of the file that its pairs stand in, as it is written there; undefined where they stand in the experiment's own. */
export function pairsFileOf({ json: { value } }: ExperimentFile): string | undefined {
  return typeof value === 'object' && value !== null && 'pairs' in value && typeof value.pairs === 'string' ? value.pairs : undefined;
}

/** Where a problem's pointer leads. */
interface Place {
  readonly file: string;
  readonly json: JsonText;
}

interface Lines {
  readonly file: string;
  readonly lines: readonly { readonly line: number; readonly offset: number; readonly json: JsonText }[];
  readonly problems: readonly PlacedProblem[];
}

async function settled(reading: Settled, here: Place, lines: Lines | null): Promise<ExperimentFile> {
  const { file: path, json } = here;
  if (reading.kind === 'problems') {
    const problems = reading.problems.map((problem) => (problem.line === undefined || lines === null ? at(problem, here, 'usage') : inLine(problem, problem.line, lines)));
    return { path, json, problems: [...problems].sort((a, b) => a.range.offset - b.range.offset), experiment: null };
  }
  const experiment = withPaths(reading.experiment, dirname(path));
  const problems = await missingFiles(experiment, here);
  return { path, json, problems, experiment: problems.length > 0 ? null : experiment };
}

async function missingFiles(experiment: Experiment, here: Place): Promise<readonly PlacedProblem[]> {
  const files = [
    { pointer: '/model', what: 'The model', path: experiment.model },
    ...(experiment.kind === 'steering' && typeof experiment.direction === 'string' ? [{ pointer: '/steer/direction', what: 'The direction', path: experiment.direction }] : []),
  ];
  const checked = await Promise.all(files.map(async ({ pointer, what, path }) => {
    const reason = await whyNoFile(path);
    return reason === null ? [] : [at({ pointer, what: `${what} ${reason}: ${path}`, todo: 'Write its path relative to this file' }, here, 'unreadable')];
  }));
  return checked.flat();
}

/** Null: it is there. */
async function whyNoFile(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return 'does not exist';
  return found.isDirectory() ? 'is a folder' : null;
}

async function pairLines(file: string): Promise<Lines> {
  const text = await readFile(file, 'utf8').catch(async () => {
    throw new CogscopeError('unreadable', `${await whyNoFile(file) ?? 'cannot be read'}: ${file}`, 'Write its path relative to this file');
  });
  let offset = 0;
  const lines = text.split('\n').map((content, index) => {
    const start = offset;
    offset += content.length + 1;
    return { line: index + 1, offset: start, content };
  }).filter(({ content }) => content.trim() !== '').map(({ content, ...where }) => ({ ...where, json: JsonText.parse(content) }));
  const problems = lines.flatMap(({ line, offset: start, json }) =>
    json.broken.map(({ problem, range }) => shifted(placed({ ...problem, line }, range, { file, json }), line, start)));
  return { file, lines, problems };
}

const at = (problem: Problem, here: Place, code: PlacedProblem['code']): PlacedProblem => placed(problem, here.json.rangeOf(problem.pointer, problem.key), here, code);

const placed = (problem: Problem, range: Range, { file, json }: Place, code: PlacedProblem['code'] = 'usage'): PlacedProblem =>
  ({ ...problem, ...json.placeOf(range.offset), file, range, code });

/** From a place in a line to a place in its file. */
const shifted = (problem: PlacedProblem, line: number, start: number): PlacedProblem =>
  ({ ...problem, line, range: { ...problem.range, offset: problem.range.offset + start } });

function inLine(problem: Problem, line: number, { file, lines }: Lines): PlacedProblem {
  const found = lines.find((one) => one.line === line);
  const json = found?.json ?? JsonText.parse('');
  return shifted(at(problem, { file, json }, 'usage'), line, found?.offset ?? 0);
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(async () => {
    throw new CogscopeError('unreadable', `The experiment ${await whyNoFile(path) ?? 'cannot be read'}`, 'Check the path', path);
  });
}

