/** Experiments over every committed architecture: they run and recover what they must, or are refused with a reason; a decoder has a prompt of its own. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { take } from '../../src/engine/program/tensors.ts';
import { engineHandlers } from '../../src/engine/server.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { Experiment, Patching, PromptPair } from '../../src/shared/experiment/experiment.ts';
import { cellAt } from '../../src/shared/experiment/result.ts';
import type { Cell, ExperimentOutcome } from '../../src/shared/experiment/result.ts';
import { fixtureFolder } from './fixtures.ts';

const context = { signal: new AbortController().signal, progress: () => undefined };
const EQUAL = 1e-4;
const folder = (architecture: string): string => join(fixtureFolder, 'cells', architecture);

interface Subject {
  readonly path: string;
  readonly golden: ReadonlyMap<string, Tensor>;
  readonly pair: PromptPair;
}

/** The prompt that PyTorch was asked, and the same with another first half. */
function subjectOf(architecture: string): Subject | undefined {
  const path = ['torch-18.onnx', 'torchscript.onnx'].map((file) => join(folder(architecture), file)).find((file) => existsSync(file));
  if (path === undefined) return undefined;
  const golden = readSafetensors(readFileSync(join(folder(architecture), 'goldens.safetensors')));
  const ids = (name: string): readonly number[] | undefined => {
    const tensor = golden.get(name);
    return tensor && Array.from(take(tensor, 0, [0]).data as ArrayLike<number | bigint>, Number);
  };
  const dec = ids('input.decoder_input_ids');
  const clean = ids('input.input_ids') ?? dec ?? [1, 2, 3];
  const corrupted = clean.map((id, index) => (index < clean.length / 2 ? (id % 50) + 2 : id));
  return { path, golden, pair: { clean, corrupted, target: 5, distractor: 6, ...(dec && dec !== clean ? { prompts: { dec: { clean: dec, corrupted: dec } } } : {}) } };
}

async function withEngine<T>({ path }: Subject, work: (run: (experiment: Experiment) => Promise<ExperimentOutcome>) => Promise<T>): Promise<T> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  await engine.open({ path, tokenizer: null }, context);
  try {
    return await work(async (experiment) => await engine.experiment({ experiment }, context));
  } finally {
    await engine.release({}, context);
  }
}

const patching = ({ path, pair }: Subject, change: Partial<Patching> = {}): Patching => ({
  kind: 'activation-patching', model: path, pairs: [pair], metric: 'logit-difference', position: -1, special: false, expect: [], direction: 'denoise', sites: ['resid_post'], by: 'layer', ...change,
});

const cell = (outcome: ExperimentOutcome, address: string): Cell => {
  const index = outcome.frame.addresses.indexOf(address);
  assert.ok(index >= 0, `${address} is none of ${outcome.frame.addresses.join(', ')}`);
  return cellAt({ frame: outcome.frame, values: outcome, index });
};

/** Why no experiment can be run on a model, by what it is. */
const refused: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^This model gives no scores over a vocabulary/, ['beit', 'clip', 'convnext', 'deit', 'dinov2', 'mobilenet', 'plain-cnn', 'resnet', 'siglip', 'swin', 'vit']],
  [/^Input "input_features" .* has no value/, ['whisper']],
];

for (const architecture of readdirSync(join(fixtureFolder, 'cells'))) {
  const subject = subjectOf(architecture);
  if (!subject) continue;
  const reason = refused.find(([, names]) => names.includes(architecture))?.[0];
  test(`${architecture}: ${reason ? 'is refused with the reason' : 'the state behind the last layer, patched as a whole, gives the clean metric'}`, async () => {
    await withEngine(subject, async (run) => {
      if (reason) {
        await assert.rejects(run(patching(subject)), (error) => error instanceof CogscopeError && reason.test(error.data.what) && error.data.todo !== '');
        return;
      }
      const outcome = await run(patching(subject));
      const last = outcome.frame.addresses.at(-1) ?? '';
      assert.match(last, /hook_resid_post$/);
      assert.ok(outcome.metrics.every(Number.isFinite), 'every cell has a number');
      const { metric } = cell(outcome, last);
      assert.ok(Math.abs(metric - outcome.frame.clean) < EQUAL, `${last}: ${metric}, and the clean run ${outcome.frame.clean}`);
      assert.notEqual(outcome.frame.clean, outcome.frame.corrupted, 'the prompts differ in what is measured');
    });
  });
}

for (const architecture of ['bart', 't5']) {
  const subject = subjectOf(architecture);
  assert.ok(subject);

  test(`${architecture}: the clean metric is PyTorch's, behind the decoder's own prompt`, async () => {
    await withEngine(subject, async (run) => {
      const { frame } = await run(patching(subject));
      const logits = subject.golden.get('logits');
      assert.ok(logits);
      const [, length = 0, vocabulary = 0] = logits.dims;
      const last = toFloat32(take(logits, 0, [0])).subarray((length - 1) * vocabulary, length * vocabulary);
      assert.ok(Math.abs(frame.clean - ((last[5] ?? NaN) - (last[6] ?? NaN))) < EQUAL, `${frame.clean} here, ${(last[5] ?? NaN) - (last[6] ?? NaN)} in PyTorch`);
      assert.equal(frame.pairs[0]?.clean.length, length, 'the tokens that are shown are the decoder’s');
    });
  });

  test(`${architecture}: the encoder's last state carries all that the prompts differ in, and the decoder's prompts may differ too`, async () => {
    await withEngine(subject, async (run) => {
      const encoder = await run(patching(subject));
      const last = encoder.frame.addresses.filter((address) => address.startsWith('enc.')).at(-1) ?? '';
      assert.ok(Math.abs((cell(encoder, last).recovered ?? NaN) - 1) < EQUAL, `${last}: ${cell(encoder, last).recovered}`);
      const dec = subject.pair.prompts?.dec?.clean as readonly number[];
      const other = dec.map((id, index) => (index === 1 ? (id % 40) + 3 : id));
      const both = await run(patching({ ...subject, pair: { ...subject.pair, prompts: { dec: { clean: dec, corrupted: other } } } }));
      assert.ok(Math.abs((cell(both, last).recovered ?? NaN) - 1) > EQUAL, 'a decoder that read something else is not put right by the encoder');
      await assert.rejects(run(patching({ ...subject, pair: { ...subject.pair, prompts: { dec: { clean: dec, corrupted: dec.slice(1) } } } })), /In tower "dec", the clean prompt has \d+ tokens .* and the corrupted one \d+/);
    });
  });

  test(`${architecture}: every kind runs over both towers, or says what it needs`, async () => {
    await withEngine(subject, async (run) => {
      const { model, pairs, metric, position, special, expect } = patching(subject);
      const common = { model, pairs, metric, position, special, expect };
      const heads = await run({ ...common, kind: 'ablation', ablate: 'zero', sites: ['z'], by: 'head', together: [], seed: 0 });
      assert.ok(heads.frame.addresses.some((address) => address.startsWith('enc.L0H')) && heads.frame.addresses.some((address) => address.startsWith('dec.L0H')));
      assert.ok(heads.metrics.every(Number.isFinite));
      const paths = await run({ ...common, kind: 'path-patching', direction: 'noise', senders: [], receivers: ['logits'] });
      assert.ok(paths.frame.addresses.every((address) => address.startsWith('dec.')), 'paths are those of the tower that predicts');
      const steered = await run({ ...common, kind: 'activation-patching', direction: 'denoise', sites: ['mlp_out'], by: 'position' });
      assert.ok(steered.frame.addresses.includes('enc.blocks.0.hook_mlp_out@0') && steered.frame.addresses.includes('dec.blocks.0.hook_mlp_out@0'));
      await assert.rejects(run({ ...common, kind: 'activation-patching', direction: 'denoise', sites: ['z'], by: 'head', pairs: [{ ...subject.pair, prompts: { vision: { clean: [1], corrupted: [1] } } }] }), /The model has no second prompt "vision"\. Its second prompt is "dec"/);
    });
  });
}
