/** `cogscope test [FILE…]`: runs experiments and judges what they expect, for CI. */
import { writeFileSync } from 'node:fs';
import { CogscopeError } from '../../shared/errors.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import { judge } from '../../shared/experiment/expect.ts';
import type { Verdict } from '../../shared/experiment/expect.ts';
import { counted, duration } from '../../shared/format.ts';
import type { Arguments } from '../args.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { EXPECTATION_FAILED, exitCodes, OK } from '../exits.ts';
import { experimentsToTest, readExperimentFile } from '../experiments/files.ts';
import { junit } from '../experiments/junit.ts';
import { sweepAll, sweepOptions } from '../experiments/sweep.ts';
import type { Swept } from '../experiments/sweep.ts';
import { commonOptions } from '../options.ts';
import { wrap } from '../print/layout.ts';

export const test: Command = {
  name: 'test',
  subject: '[FILE …]',
  usage: '[FILE …] [--junit FILE]',
  about: 'Runs experiment files and judges what they expect',
  notes: [
    'Without files: every *.cogscope.json with "expect" in this folder and below, but for node_modules and hidden folders. A folder stands for what is in it.',
    'The last line is "N passed, N failed", by files. Ends with 1 where an expectation failed; else, where a file could not be run, with the code of the first one’s reason.',
  ],
  options: [
    { name: 'junit', value: 'FILE', about: 'Also writes the results as JUnit XML.' },
    ...commonOptions,
  ],
  run: runTests,
};

interface Tested {
  readonly file: string;
  readonly verdicts: readonly Verdict[];
  readonly error: CogscopeError | null;
  readonly ms: number;
}

const hasPassed = ({ verdicts, error }: Tested): boolean => error === null && verdicts.every(({ passed }) => passed);

async function runTests(args: Arguments, context: Context): Promise<Outcome> {
  const files = await experimentsToTest(args.positionals);
  const found = new Map<string, Tested>();
  const readable: { readonly file: string; readonly experiment: Experiment }[] = [];
  for (const file of files) {
    const read = await readToTest(file);
    if (read instanceof CogscopeError) found.set(file, { file, verdicts: [], error: read, ms: 0 });
    else readable.push({ file, experiment: read });
  }
  // One engine a model, whatever the order of the files.
  for (const model of new Set(readable.map(({ experiment }) => experiment.model))) {
    const group = readable.filter(({ experiment }) => experiment.model === model);
    const swept = await sweepAll(group.map(({ experiment }) => experiment), sweepOptions(args), context);
    for (const [index, one] of swept.entries()) {
      const entry = group[index];
      if (entry) found.set(entry.file, testedOf(entry, one));
    }
  }
  return outcomeOf(files.flatMap((file) => found.get(file) ?? []), files.length, args, context);
}

async function readToTest(file: string): Promise<Experiment | CogscopeError> {
  try {
    const experiment = await readExperimentFile(file);
    // A test that looks at nothing must not be counted among those that hold.
    return experiment.expect.length > 0 ? experiment : new CogscopeError('usage', 'The experiment expects nothing', 'Add "expect", or run it with "cogscope experiment"');
  } catch (error) {
    if (error instanceof CogscopeError) return error;
    throw error;
  }
}

function testedOf({ file, experiment }: { readonly file: string; readonly experiment: Experiment }, { outcome, error }: Swept): Tested {
  const verdicts = outcome && !error ? judge(experiment.expect, { frame: outcome.frame, values: outcome }) : [];
  return { file, verdicts, error: error ?? (outcome ? null : new CogscopeError('internal', 'The experiment gave no result')), ms: outcome?.ms ?? 0 };
}

function outcomeOf(tested: readonly Tested[], files: number, args: Arguments, { interrupts }: Context): Outcome {
  const finished = tested.filter(({ error }) => error?.code !== 'cancelled');
  const path = args.one('junit');
  if (path !== undefined) writeReport(path, junit(finished.map((one) => ({ ...one, error: one.error?.message ?? null }))));
  const failed = finished.filter((one) => !hasPassed(one));
  const [firstError] = finished.flatMap(({ error }) => error ?? []);
  const isInterrupted = interrupts.signal.aborted;
  return {
    text: () => [...finished.flatMap(lines), ...(finished.length > 0 ? [''] : []), `${finished.length - failed.length} passed, ${failed.length} failed`, ''].join('\n'),
    json: { experiments: finished.map(testedJson), passed: finished.length - failed.length, failed: failed.length },
    exit: finished.some(({ verdicts }) => verdicts.some(({ passed }) => !passed)) ? EXPECTATION_FAILED : firstError ? exitCodes[firstError.code] : OK,
    error: isInterrupted ? new CogscopeError('cancelled', `Interrupted: ${finished.length} of ${counted(files, 'experiment')} were run`).data : undefined,
  };
}

function lines(one: Tested): readonly string[] {
  const word = hasPassed(one) ? 'passed' : 'failed';
  if (one.error) return wrap(`${word}  ${one.file}: ${one.error.message}`, 0, 8);
  const failures = one.verdicts.filter(({ passed }) => !passed);
  return [`${word}  ${one.file}  ${counted(one.verdicts.length, 'expectation')}, ${duration(one.ms)}`, ...failures.flatMap(({ text }) => wrap(text, 8, 10))];
}

const testedJson = (one: Tested): Readonly<Record<string, unknown>> => ({
  file: one.file, passed: hasPassed(one), expect: one.verdicts.map(({ passed, text }) => ({ passed, text })), ms: one.ms,
  ...(one.error ? { error: { code: one.error.code, message: one.error.message, detail: one.error.data.detail } } : {}),
});

function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CogscopeError('usage', 'The JUnit report cannot be written', 'Choose a folder that exists and that you may write to', path, String(error));
  }
}
