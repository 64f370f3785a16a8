/** `cogscope inspect MODEL`: what a model is, without running it unless asked. */
import { resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { CheckReport, ModelSummary } from '../../shared/summary.ts';
import type { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { EXPECTATION_FAILED, OK } from '../exits.ts';
import { commonOptions } from '../options.ts';
import { inspectText } from '../print/inspect.ts';
import type { Inspection } from '../print/inspect.ts';

export const inspect: Command = {
  name: 'inspect',
  usage: 'MODEL [--check [--image FILE]] [--addresses]',
  about: 'Tells what a model is, without running it',
  notes: [
    '--check ends with 1 where a check does not hold, and with 4 where the model cannot be run.',
    'Addresses are TransformerLens’s: blocks.0.attn.hook_pattern, blocks.0.hook_resid_pre …',
  ],
  options: [
    { name: 'check', value: null, about: 'Also runs the model on a small input and checks the anatomy by arithmetic.' },
    { name: 'image', value: 'FILE', about: 'A PNG or JPEG file to run the checks on, in a model that takes images; made-up pixels unless given.' },
    { name: 'addresses', value: null, about: 'Lists every address of the model with its axes and the tensor behind it.' },
    ...commonOptions,
  ],
  run: runInspect,
};

async function runInspect(args: Arguments, context: Context): Promise<Outcome> {
  const { interrupts: { signal }, progress } = context;
  const image = args.one('image');
  if (image !== undefined && !args.has('check')) throw new CogscopeError('usage', '--image is for --check, which runs the model', 'Add --check, or leave --image out');
  const inspection = await withModel(args, context, async (engine, summary): Promise<Inspection> => {
    const addresses = args.has('addresses') ? await engine.call('addresses', {}, { signal }) : null;
    if (args.has('check')) progress.show('Checking the anatomy on a small run');
    const report = args.has('check') ? await engine.call('check', image === undefined ? {} : { image: resolve(image) }, { signal }) : null;
    return { summary, path: args.positionals[0] ?? '', report, addresses };
  });
  const { report } = inspection;
  return {
    text: () => inspectText(inspection),
    json: inspectJson(inspection),
    exit: report?.checks.every((check) => check.ok) === false ? EXPECTATION_FAILED : OK,
    error: report?.error ? checkError(report.error) : undefined,
  };
}

/** The small run is ours, so that an input which it cannot make up is no wrong use. */
function checkError(error: ErrorData): ErrorData {
  return error.code === 'usage' ? { ...error, code: 'refused', todo: 'Without it only "cogscope run" can run the model, with the input from a file' } : error;
}

/** The summary with the checks in it; `ms.check` is null where nothing was checked. */
function inspectJson({ summary, report, addresses }: Inspection): Readonly<Record<string, unknown>> {
  return {
    ...summary,
    checks: report?.checks ?? [],
    refused: refusals(summary, report),
    ...(addresses ? { addresses } : {}),
    ms: { ...summary.ms, check: report?.ms ?? null },
  };
}

const refusals = (summary: ModelSummary, report: CheckReport | null): ModelSummary['refused'] => [...summary.refused, ...(report?.refused ?? [])];
