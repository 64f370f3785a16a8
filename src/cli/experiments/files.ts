/** Experiments' files on the command line: found, read, and what is wrong with one as an error. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { openExperiment, pairsFileOf } from '../../experiments/experimentFile.ts';
import type { ExperimentFile, PlacedProblem } from '../../experiments/experimentFile.ts';
import { JsonText } from '../../experiments/jsonText.ts';
import { writePythonFile } from '../../experiments/pythonFile.ts';
import { CogscopeError, sentence } from '../../shared/errors.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';

export const SUFFIX = '.cogscope.json';

/** Throws what is wrong with it, first by place; the details have the rest. */
export async function readExperimentFile(path: string): Promise<Experiment> {
  return experimentIn(await openExperiment(resolve(path)));
}

/** As Python, to stand beside the file. Throws as {@link readExperimentFile} does. */
export async function experimentAsPython(path: string): Promise<string> {
  const file = await openExperiment(resolve(path));
  return writePythonFile(experimentIn(file), dirname(file.path), pairsFileOf(file));
}

function experimentIn({ path, experiment, problems }: ExperimentFile): Experiment {
  if (experiment) return experiment;
  const [first] = problems;
  if (!first) throw new CogscopeError('internal', 'An experiment was neither read nor refused', '', path);
  const more = problems.length > 1 ? `; ${problems.length - 1} more in --json` : '';
  throw new CogscopeError(first.code, first.what, first.todo, `${placeOf(first)}${more}`, problems.map((one) => `${placeOf(one)}: ${sentence({ ...one, where: '' })}`).join('\n'));
}

const placeOf = ({ file, line, column }: PlacedProblem): string => `${shown(file)}:${line}:${column}`;

/** A path as it is read from the current folder. */
export function shown(path: string): string {
  const from = relative('.', path);
  return from.startsWith('..') || from === '' ? path : from;
}

/** Experiments that expect something, in a folder and those below; broken ones too, so that none is passed over in silence. */
export async function findExperiments(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all([...entries].sort((a, b) => (a.name < b.name ? -1 : 1)).map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : await findExperiments(path);
    return entry.name.endsWith(SUFFIX) && await expects(path) ? [path] : [];
  }));
  return found.flat();
}

async function expects(path: string): Promise<boolean> {
  const json = JsonText.parse(await readFile(path, 'utf8').catch(() => ''));
  const value = json.value;
  return json.broken.length > 0 || (typeof value === 'object' && value !== null && 'expect' in value);
}

/** Files as they are named; of a folder, what is in it. Throws 'usage' where there is none to run. */
export async function experimentsToTest(named: readonly string[]): Promise<readonly string[]> {
  const lists = await Promise.all((named.length === 0 ? ['.'] : named).map(async (path) => {
    const isFolder = await stat(path).then((found) => found.isDirectory(), () => false);
    return isFolder ? await findExperiments(path) : [path];
  }));
  const files = [...new Set(lists.flat().map((path) => resolve(path)))];
  if (files.length === 0) throw new CogscopeError('usage', `There is no experiment with "expect" in ${named.length === 0 ? 'this folder' : named.join(', ')} or below`, `Name a file, or add "expect" to a *${SUFFIX}`);
  return files.map(shown);
}
