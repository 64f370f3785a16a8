/** `cogscope run MODEL`: a prompt through the model, with any activations kept. */
import { resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { CaptureProgress, CaptureResult, FilledInput } from '../../shared/protocol/engineApi.ts';
import type { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { commonOptions } from '../options.ts';
import { promptOptions, promptsOf } from '../prompts.ts';
import { count } from '../../shared/format.ts';
import { runText } from '../print/run.ts';

const TOP = 10;

export const run: Command = {
  name: 'run',
  usage: 'MODEL (--prompt TEXT | --image FILE)',
  about: 'Runs a prompt or an image and tells what the model predicts',
  notes: [
    'An ADDRESS is TransformerLens’s (blocks.0.attn.hook_pattern), a glob over such (\'blocks.*.attn.hook_pattern\', in quotes), or short: L5H3 is head 3 of layer 5, its z [batch, pos, d_head]; L3N1234 is that MLP neuron, [batch, pos]; L4.resid_post is the state behind layer 4. @7 behind any of them takes position 7, @-1 the last. "cogscope inspect MODEL --addresses" lists them.',
    'layer1.0.conv2 is what a convolution makes, [batch, channel, height, width]; :17 behind it takes channel 17. Where the file has no names of modules it is conv7, the number counting from the image.',
    'Of several prompts or images each runs alone; taps and logits are stacked on the batch axis, for which the prompts must have one length.',
    'Inputs that are not given are filled by what they are for: attention mask 1, positions 0 to n, token types 0, past keys and values empty.',
  ],
  options: [
    ...promptOptions,
    { name: 'input', value: 'NAME=FILE', many: 'again', about: 'An input of the model as a whole, from a .npy file, or a .safetensors file with that key. The ids’ own input takes the prompt’s place.' },
    { name: 'continue', value: 'N', about: 'Continues each prompt by N tokens, the most probable one each time: from past keys and values where the model takes any, held against a run of the whole text. Predictions and taps are those of the whole text.' },
    { name: 'top', value: 'K', about: `How many predictions to give at each position; ${TOP} unless given.` },
    { name: 'tap', value: 'ADDRESS', many: 'list', about: 'Activations to keep: their statistics, and their values with --out.' },
    { name: 'out', value: 'FILE.safetensors', about: 'Writes the taps under the names they were asked for by, and the logits [batch, pos, vocab], as float32.' },
    { name: 'image', value: 'FILE', many: 'again', about: 'A PNG or JPEG file, prepared as the preprocessor_config.json beside the model (or up to two folders above it) says.' },
    ...commonOptions,
  ],
  run: runRun,
};

async function runRun(args: Arguments, context: Context): Promise<Outcome> {
  const top = args.whole('top', 1, 1000) ?? TOP;
  const out = args.one('out');
  const params = {
    ...promptsOf(args), images: args.all('image').map((path) => resolve(path)), files: filesOf(args.all('input')), taps: args.all('tap'), top, values: false, continue: args.whole('continue', 1, 10_000),
    ...(out === undefined ? {} : { out: resolve(out) }),
  };
  const { interrupts: { signal }, progress } = context;
  const onProgress = (body: unknown): void => {
    const { prompt, prompts, stage, stages, continued } = body as CaptureProgress;
    if (continued) {
      progress.show(prompts > 1 ? `Continuing prompt ${prompt} of ${prompts}, token` : 'Continuing, token', continued.tokens, continued.of);
      return;
    }
    progress.show(prompts > 1 ? `Running prompt ${prompt} of ${prompts}, stage` : 'Running stage', stage, stages);
  };
  const result = await withModel(args, context, (engine) => {
    progress.show('Loading the first stage');
    return engine.call('capture', params, { signal, onProgress });
  });
  for (const remark of remarks(result)) progress.note(remark);
  return { text: () => runText({ result, top, out }), json: runJson(result), exit: OK };
}

function filesOf(values: readonly string[]): Readonly<Record<string, string>> {
  const files = new Map<string, string>();
  for (const value of values) {
    const at = value.indexOf('=');
    const [name, file] = [value.slice(0, at), value.slice(at + 1)];
    if (at < 1 || file === '') throw new CogscopeError('usage', `--input takes NAME=FILE, not "${value}"`, 'Write for instance --input attention_mask=mask.npy');
    if (files.has(name)) throw new CogscopeError('usage', `The input "${name}" is given twice`, 'Leave one of them out');
    files.set(name, resolve(file));
  }
  return Object.fromEntries(files);
}

function runJson({ rows, taps, filled, ms }: CaptureResult): Readonly<Record<string, unknown>> {
  const names = Object.keys(rows[0]?.towers ?? {});
  const towers = names.length > 1 ? { towers: Object.fromEntries(names.map((name) => [name, rows.map((row) => row.towers[name])])) } : {};
  const images = rows.some((row) => row.image !== undefined) ? { images: rows.map((row) => row.image ?? null) } : {};
  return { tokens: rows.map((row) => row.tokens), ...towers, ...images, predictions: rows.map((row) => row.predictions), ...(rows.some((row) => row.continued) ? { continued: rows.map((row) => row.continued) } : {}), taps, filled, ms };
}

/** What the result does not show by itself: inputs that were filled, and NaN. */
function remarks({ filled, taps, rows }: CaptureResult): readonly string[] {
  const nan = Object.entries(taps).filter(([, tap]) => tap.nan > 0).map(([address, tap]) => `${address} holds ${count(tap.nan)} NaN`);
  const hasNanLogits = rows.some((row) => row.predictions.some((one) => one.nan));
  const slow = [...new Set(rows.flatMap(({ continued }) => (continued?.reason ? [`Continued by running the whole text for each token: ${continued.reason}`] : [])))];
  return [...filledRemarks(filled), ...slow, ...nan, ...(hasNanLogits ? ['The logits hold NaN'] : [])];
}

/** One line for each way of filling: a model may have dozens of empty pasts. */
function filledRemarks(filled: readonly FilledInput[]): readonly string[] {
  return [...new Set(filled.map((input) => input.filledWith))].map((filledWith) => {
    const names = filled.filter((input) => input.filledWith === filledWith).map((input) => input.name);
    const shown = names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ');
    return `${shown} not given: ${filledWith}`;
  });
}
