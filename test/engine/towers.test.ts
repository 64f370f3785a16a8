/** Two towers in one file: each has its prompt, cross attention goes from the one's tokens to the other's, and an edit of the encoder reaches the decoder. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { capture } from '../../src/engine/methods/capture.ts';
import { idsInputs, towerTokens } from '../../src/engine/methods/prompt.ts';
import { runPrompt } from '../../src/engine/methods/run.ts';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { prepareInputs } from '../../src/engine/program/inputs.ts';
import { take } from '../../src/engine/program/tensors.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { LayerPatterns, Prompt, RunProgress } from '../../src/shared/protocol/engineApi.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder, maxAbs } from './fixtures.ts';

const TOLERANCE = 5e-5;
const signal = new AbortController().signal;
const settings = { threads: 1, weightBudget: 1e9 };
const scratch = new Scratch();

const folder = (architecture: string): string => join(fixtureFolder, 'cells', architecture);
const goldens = (architecture: string): ReadonlyMap<string, Tensor> => readSafetensors(readFileSync(join(folder(architecture), 'goldens.safetensors')));
const open = (architecture: string): Promise<ModelSession> => ModelSession.open(join(folder(architecture), 'torch-18.onnx'), null, settings);
const firstRow = (golden: ReadonlyMap<string, Tensor>, name: string): number[] => {
  const tensor = golden.get(name);
  assert.ok(tensor, name);
  return Array.from(take(tensor, 0, [0]).data as ArrayLike<number | bigint>, Number);
};
const idsPrompt = (ids: readonly number[]): Prompt => ({ kind: 'ids', ids });

test('BART: each tower has its prompt, and the patterns of cross attention are PyTorch\'s', async () => {
  const session = await open('bart');
  const golden = goldens('bart');
  const [enc, dec] = [firstRow(golden, 'input.input_ids'), firstRow(golden, 'input.decoder_input_ids')];
  assert.notEqual(enc.length, dec.length);
  const layers: LayerPatterns[] = [];
  const follow = (body: RunProgress): void => {
    if (body.kind === 'stage') layers.push(...body.layers);
  };
  const result = await runPrompt(session, { prompt: idsPrompt(enc), prompts: { dec: idsPrompt(dec) }, patterns: true }, follow, signal);
  assert.deepEqual(Object.entries(result.towers).map(([name, tokens]) => [name, tokens.length]), [['enc', enc.length], ['dec', dec.length]]);
  assert.deepEqual(layers.map(({ tower, attention, layer, rows, cols }) => [`${tower}${layer}`, attention, rows, cols]), [
    ['enc.0', 'self', enc.length, enc.length], ['enc.1', 'self', enc.length, enc.length],
    ['dec.0', 'self', dec.length, dec.length], ['dec.0', 'cross', dec.length, enc.length],
    ['dec.1', 'self', dec.length, dec.length], ['dec.1', 'cross', dec.length, enc.length],
  ]);
  for (const layer of layers) {
    const expected = golden.get(`${layer.tower}blocks.${layer.layer}.${layer.attention === 'cross' ? 'cross_attn' : 'attn'}.hook_pattern`);
    assert.ok(expected && maxAbs(layer.weights, toFloat32(take(expected, 0, [0]))) < TOLERANCE, `${layer.tower}${layer.layer} ${layer.attention}`);
  }
  const logits = golden.get('logits');
  assert.ok(logits);
  const last = toFloat32(take(logits, 0, [0])).subarray((dec.length - 1) * 96);
  assert.equal(result.predictions?.position, dec.length - 1, 'predictions follow the decoder\'s tokens');
  assert.equal(result.predictions.top[0]?.id, last.indexOf(Math.max(...last)));
  await session.close();
});

test('a decoder without a prompt starts with the token that the configuration names, and says what is missing where there is none', async () => {
  const session = await open('bart');
  assert.deepEqual(idsInputs(session).map(({ name }) => name), ['enc', 'dec']);
  assert.throws(() => towerTokens(session, idsPrompt([5, 6])), (error) => error instanceof CogscopeError && error.code === 'usage' && error.message.includes('decoder_input_ids'));
  assert.throws(() => towerTokens(session, idsPrompt([5, 6]), { vision: idsPrompt([1]) }), /no second prompt "vision"/);
  await session.close();
  for (const file of ['torch-18.onnx', 'weights.bin']) copyFileSync(join(folder('bart'), file), scratch.path(file));
  writeFileSync(scratch.path('config.json'), '{"decoder_start_token_id": 7}');
  const configured = await ModelSession.open(scratch.path('torch-18.onnx'), null, settings);
  assert.deepEqual([...towerTokens(configured, idsPrompt([5, 6])).values()].map((tokens) => tokens.map((token) => token.id)), [[5, 6], [7]]);
  await configured.close();
});

test('Whisper: sound comes from a file, and its positions are those that the convolutions leave', async () => {
  const session = await open('whisper');
  const golden = goldens('whisper');
  assert.deepEqual(session.summary.inputs.map(({ role }) => role), ['features', 'ids']);
  const sound = golden.get('input.input_features');
  assert.ok(sound);
  const taps = ['enc.blocks.0.hook_resid_pre', 'dec.blocks.0.cross_attn.hook_k'];
  await assert.rejects(capture(session, { prompts: [idsPrompt([3, 4])], taps: [], top: 1, values: false }, () => undefined, signal), /input_features.*sound cannot be made up/);
  const ids = new Map([['dec', firstRow(golden, 'input.decoder_input_ids')]]);
  const { tensors } = prepareInputs(session.model, session.types, session.anatomy, ids, {}, new Map([['input_features', take(sound, 0, [0])]]));
  const entries = taps.map((address) => session.entry(address));
  const output = await session.getProgram().run({ inputs: tensors, taps: entries.flatMap((entry) => entry?.place.value ?? []) });
  for (const entry of entries) {
    const tensor = entry && output.taps.get(entry.place.value);
    const expected = entry && golden.get(entry.address);
    assert.ok(tensor && expected, entry?.address);
    const { shape, data } = session.canonical(entry, tensor, null);
    assert.deepEqual([shape[1], maxAbs(data, toFloat32(take(expected, 0, [0]))) < TOLERANCE], [20, true], entry.address);
  }
  await session.close();
});

test('an edit of the encoder\'s last state reaches every cross attention of the decoder, and none of its self-attention before', async () => {
  const session = await open('bart');
  const [encoder, decoder] = session.anatomy.towers;
  assert.ok(encoder && decoder);
  const golden = goldens('bart');
  const inputs = new Map(session.model.graph.inputs.flatMap((input) => {
    const tensor = golden.get(`input.${input.name}`);
    return tensor ? [[input, tensor] as const] : [];
  }));
  const state = encoder.blocks.at(-1)?.residPost.value;
  const before = decoder.blocks[0]?.residMid?.value;
  const outs = decoder.blocks.flatMap(({ cross }) => cross?.out.value ?? []);
  assert.ok(state && before && outs.length === 2);
  const taps = [before, ...outs];
  const program = session.getProgram();
  const plain = await program.run({ inputs, taps });
  const halved = (tensor: Tensor): Tensor => ({ ...tensor, data: Float32Array.from(tensor.data as Float32Array, (value) => value / 2) });
  const edited = await program.run({ inputs, taps, edits: [{ value: state, apply: halved }] });
  const moved = taps.map((tap) => maxAbs(toFloat32(plain.taps.get(tap) as Tensor), toFloat32(edited.taps.get(tap) as Tensor)));
  assert.equal(moved[0], 0, 'what the decoder does before it looks at the encoder is the same');
  assert.ok(moved.slice(1).every((much) => much > 1e-3), String(moved));
  await session.close();
});
