/** `cogscope experiment FILE`: runs one experiment file and shows what it gave. */
import { writeFileSync } from 'node:fs';
import { CogscopeError } from '../../shared/errors.ts';
import type { ErrorData } from '../../shared/errors.ts';
import { judge } from '../../shared/experiment/expect.ts';
import type { ExperimentOutcome } from '../../shared/experiment/result.ts';
import { resultCsv } from '../../shared/experiment/resultCsv.ts';
import { resultJson } from '../../shared/experiment/resultJson.ts';
import { cellsOf } from '../../shared/experiment/strongest.ts';
import { counted } from '../../shared/format.ts';
import type { Arguments } from '../args.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { EXPECTATION_FAILED, OK } from '../exits.ts';
import { experimentAsPython, readExperimentFile } from '../experiments/files.ts';
import { sweepAll, sweepOptions } from '../experiments/sweep.ts';
import { commonOptions } from '../options.ts';
import { experimentText } from '../print/experiment.ts';

export const experiment: Command = {
  name: 'experiment',
  subject: 'FILE',
  usage: 'FILE [--csv FILE] [--python] [--json]',
  about: 'Runs an experiment file: patching, tracing, ablation or steering, and what each cell does to the answer',
  notes: [
    'An experiment is a JSON file, NAME.cogscope.json; paths in it are relative to it. Where it has "expect", the result is judged, and the command ends with 1 where an expectation failed.',
    'Ctrl-C stops the sweep and shows the cells that were run.',
  ],
  options: [
    { name: 'csv', value: 'FILE', about: 'Writes the cells as CSV, a line each.' },
    { name: 'python', value: null, about: 'Runs nothing, and prints the same experiment for TransformerLens in Python: a file to keep beside the experiment.' },
    ...commonOptions,
  ],
  run: runExperiment,
};

async function runExperiment(args: Arguments, context: Context): Promise<Outcome> {
  const [path, extra] = args.positionals;
  if (path === undefined) throw new CogscopeError('usage', 'No experiment is named', 'Give the path of a .cogscope.json file');
  if (extra !== undefined) throw new CogscopeError('usage', `"${extra}" is one word too many`, 'Name one experiment, or run several with "cogscope test"');
  if (args.has('python')) {
    const python = await experimentAsPython(path);
    return { text: () => python, json: { python }, exit: OK };
  }
  const read = await readExperimentFile(path);
  const [swept] = await sweepAll([read], sweepOptions(args), context);
  const outcome = swept?.outcome;
  if (!swept || !outcome) throw swept?.error ?? new CogscopeError('cancelled', 'Interrupted');
  const csv = args.one('csv');
  if (csv !== undefined) write(csv, resultCsv(outcome));
  for (const note of outcome.frame.notes) context.progress.note(note);
  const verdicts = swept.error ? [] : judge(read.expect, { frame: outcome.frame, values: outcome });
  return {
    text: () => experimentText({ experiment: read, outcome, verdicts }),
    json: { ...resultJson(outcome, verdicts) },
    exit: verdicts.every(({ passed }) => passed) ? OK : EXPECTATION_FAILED,
    error: swept.error && partly(swept.error, outcome),
  };
}

/** What is there is shown, and that it is not all. */
function partly({ data }: CogscopeError, outcome: ExperimentOutcome): ErrorData {
  const cells = cellsOf({ frame: outcome.frame, values: outcome });
  return { ...data, what: `${data.what}: ${cells.filter(({ ran }) => ran > 0).length} of ${counted(cells.length, 'cell')} are there`, todo: 'Run it again for the rest' };
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CogscopeError('usage', 'The CSV cannot be written', 'Choose a folder that exists and that you may write to', path, String(error));
  }
}
