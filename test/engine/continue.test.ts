/** Prompts are continued as PyTorch continues them, from past keys and values and without. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { capture } from '../../src/engine/methods/capture.ts';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { CaptureParams, CaptureProgress, CaptureResult } from '../../src/shared/protocol/engineApi.ts';
import { mergedDecoder } from '../lib/mergedDecoder.ts';
import { model, modelBytes } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder, maxAbs } from './fixtures.ts';
import { cellsFolder } from './lib/cells.ts';

const scratch = new Scratch();
const { prompt, next } = JSON.parse(readFileSync(join(fixtureFolder, 'continuations.json'), 'utf8')) as { readonly prompt: readonly number[]; readonly next: Readonly<Record<string, readonly number[]>> };
const COUNT = 12;

interface Given extends Partial<CaptureParams> {
  readonly onProgress?: (body: CaptureProgress) => void;
  readonly signal?: AbortSignal;
}

async function continued(path: string, { onProgress = () => undefined, signal = new AbortController().signal, ...params }: Given = {}): Promise<CaptureResult> {
  const session = await ModelSession.open(path, null, { threads: 1, weightBudget: 1e9 });
  try {
    return await capture(session, { prompts: [{ kind: 'ids', ids: prompt }], continue: COUNT, taps: [], top: 1, values: true, ...params }, onProgress, signal);
  } finally {
    await session.close();
  }
}

const forms = [['optimum-past', 'past'], ['optimum', 'whole'], ['torchscript', 'whole'], ['torch-18', 'whole']] as const;

for (const [architecture, ids] of Object.entries(next)) {
  for (const [form, way] of forms) {
    const path = join(cellsFolder, architecture, `${form}.onnx`);
    if (!existsSync(path)) continue;
    test(`${architecture} x ${form}: ${COUNT} tokens more, as PyTorch has them, ${way === 'past' ? 'from past keys and values' : 'from the whole text'}`, async () => {
      const { rows: [row], taps } = await continued(path, { taps: ['blocks.0.attn.hook_pattern'] });
      assert.deepEqual(row?.tokens.slice(prompt.length).map((token) => token.id), ids);
      assert.equal(row?.continued?.way, way);
      assert.equal(row.continued.from, prompt.length);
      assert.equal(row.continued.reason === null, way === 'past');
      assert.equal(row.continued.maxAbs === null, way === 'whole', 'what came from a past is held against the whole');
      const length = prompt.length + COUNT;
      assert.deepEqual(taps['blocks.0.attn.hook_pattern']?.shape.slice(2), [length, length], 'patterns are those of the whole text');
      assert.equal(row.predictions.length, length);
    });
  }
}

const everything = ['blocks.*.*', 'blocks.*.*.*'];

test('what is kept is what a run of the whole text keeps, bit for bit', async () => {
  const path = join(cellsFolder, 'llama', 'optimum-past.onnx');
  const ids = [...prompt, ...next['llama'] ?? []];
  const [made, whole] = [await continued(path, { taps: everything }), await continued(path, { taps: everything, prompts: [{ kind: 'ids', ids }], continue: undefined })];
  assert.deepEqual(Object.keys(made.taps), Object.keys(whole.taps));
  for (const [address, tap] of Object.entries(whole.taps)) assert.equal(maxAbs(made.taps[address]?.data ?? [], tap.data ?? []), 0, address);
});

for (const whenPast of [true, false]) {
  test(`a merged decoder goes on with the branch that takes a past (switch ${String(whenPast)})`, async () => {
    const path = scratch.write(`merged-${String(whenPast)}.onnx`, modelBytes(model(mergedDecoder(whenPast))));
    const { rows: [row] } = await continued(path);
    assert.equal(row?.continued?.way, 'past', row?.continued?.reason ?? '');
    const best = row.predictions.map((one) => one.top[0]?.id);
    assert.deepEqual(row.tokens.slice(prompt.length).map((token) => token.id), best.slice(prompt.length - 1, -1), 'every token is the best one behind those before it');
  });
}

test('BART as optimum merges it: logits and 12 tokens more as PyTorch has them, the encoder’s keys and values kept from the first run', async () => {
  const path = join(fixtureFolder, 'merged', 'bart.onnx');
  const truth = join(fixtureFolder, 'merged', 'bart.safetensors');
  const golden = readSafetensors(readFileSync(truth));
  const ids = Array.from(golden.get('input_ids')?.data as BigInt64Array, Number);
  const given = { prompts: [{ kind: 'ids', ids }], files: { encoder_hidden_states: truth, encoder_attention_mask: truth } } as const;
  const plain = await continued(path, { ...given, continue: undefined });
  const logits = golden.get('logits');
  assert.ok(logits && plain.logits);
  assert.ok(maxAbs(plain.logits.data, toFloat32(logits)) < 5e-5, 'logits');
  const { rows: [row] } = await continued(path, given);
  assert.equal(row?.continued?.way, 'past', row?.continued?.reason ?? '');
  assert.deepEqual(row.tokens.slice(ids.length).map((token) => token.id), Array.from(golden.get('next')?.data as BigInt64Array, Number));
});

test('a decoder whose positions look ahead cannot be continued: the whole text gives other logits', async () => {
  const path = scratch.write('ahead.onnx', modelBytes(model(mergedDecoder(true, false))));
  await assert.rejects(continued(path), (error) => error instanceof CogscopeError && error.code === 'refused' && /other logits than running the whole text/.test(error.message));
});

test('several prompts are continued one by one, and progress tells the token', async () => {
  const seen: string[] = [];
  const onProgress = ({ prompt: at, prompts, continued: state }: CaptureProgress): void => {
    if (state) seen.push(`${at}/${prompts} ${state.tokens}/${state.of}`);
  };
  const { rows } = await continued(join(cellsFolder, 'gpt2', 'optimum-past.onnx'), { continue: 2, onProgress, prompts: [{ kind: 'ids', ids: prompt }, { kind: 'ids', ids: [7, 8, 9, 10] }] });
  assert.deepEqual(seen, ['1/2 1/2', '1/2 2/2', '2/2 1/2', '2/2 2/2']);
  assert.deepEqual(rows.map((row) => row.tokens.length), [6, 6]);
});

for (const form of ['optimum-past', 'optimum']) {
  test(`gpt2 x ${form}: cancelled between two tokens`, async () => {
    const control = new AbortController();
    let tokens = 0;
    const onProgress = ({ continued: state }: CaptureProgress): void => {
      tokens = state?.tokens ?? tokens;
      if (tokens === 3) control.abort();
    };
    await assert.rejects(continued(join(cellsFolder, 'gpt2', `${form}.onnx`), { onProgress, signal: control.signal }), (error) => error instanceof CogscopeError && error.code === 'cancelled');
    assert.equal(tokens, 3);
  });
}

test('more tokens than the context holds, and values for the prompt alone, are refused before anything runs', async () => {
  const path = join(cellsFolder, 'gpt2', 'optimum-past.onnx');
  const says = (what: RegExp) => (error: unknown): boolean => error instanceof CogscopeError && error.code === 'usage' && what.test(error.message);
  await assert.rejects(continued(path, { continue: 61 }), says(/context of 64.*Continue by 60 at most/));
  await assert.rejects(continued(path, { inputs: { attention_mask: [1, 1, 0, 1] } }), says(/"attention_mask".*Leave it out/));
});
