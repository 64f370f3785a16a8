/** Quantised models: every part is checked, and what shares a scale is never computed together. Judged by the file's own run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BFLOAT16 } from '../../src/engine/onnx/elementType.ts';
import { checkAnatomy } from '../../src/engine/methods/check.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { makeTensor, toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { stack, take } from '../../src/engine/program/tensors.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { FLOAT, INT64, model, modelBytes, node, tensor, valueInfo } from '../lib/protos.ts';
import type { GraphParts } from '../lib/protos.ts';
import { quantised } from '../lib/quantise.ts';
import { Scratch } from '../lib/scratch.ts';
import { around, attentionNodes, mlpNodes, tinyAttention, VOCAB } from '../lib/tinyAttention.ts';
import { maxAbs } from './fixtures.ts';

const scratch = new Scratch();
const signal = new AbortController().signal;

/** Two blocks of attention and MLP in one of the quantisers' forms. */
function write(form: Parameters<typeof quantised>[1]): string {
  const blocks = ['a', 'b'].map((name, index) => {
    const [pre, post] = index === 0 ? ['embedded', 'between'] : ['between', 'final'];
    const [attention, mlp] = [attentionNodes(pre ?? '', `${name}.attended`, `${name}.`), mlpNodes(`${name}.mid`, `${name}.added`, `${name}.m.`)];
    return {
      nodes: [...attention.nodes, node('Add', [pre ?? '', `${name}.attended`], [`${name}.mid`]), ...mlp.nodes, node('Add', [`${name}.mid`, `${name}.added`], [post ?? ''])],
      weights: [...attention.weights, ...mlp.weights],
    };
  });
  const parts: GraphParts = around({ nodes: blocks.flatMap(({ nodes }) => nodes), weights: blocks.flatMap(({ weights }) => weights) });
  return scratch.write(`${form}.onnx`, modelBytes(model(quantised(parts, form), { opset: { '': 18, 'com.microsoft': 1 } })));
}

const open = (path: string): Promise<ModelSession> => ModelSession.open(path, null, { threads: 1, weightBudget: 1e9 });

const names = {
  dynamic: ['pattern x v = z', '|q| = |q in the scores|', '|k| = |k in the scores|', 'resid_pre + attn_out = resid_mid', 'resid_mid + mlp_out = resid_post', 'relu(mlp_pre) = mlp_post', 'mlp_post x W_out + b = mlp_out'],
  blocks: ['pattern x v = z', '|q| = |q in the scores|', '|k| = |k in the scores|', 'resid_pre + attn_out = resid_mid', 'resid_mid + mlp_out = resid_post', 'relu(mlp_pre) = mlp_post', 'mlp_post x W_out + b = mlp_out'],
  pairs: ['pattern x v = z', '|q| = |q in the scores|, within 8 bits', '|k| = |k in the scores|, within 8 bits', 'resid_pre + attn_out = resid_mid', 'resid_mid + mlp_out = resid_post', 'relu(mlp_pre) = mlp_post, within 8 bits', 'mlp_post x W_out + b = mlp_out'],
} as const;

for (const form of ['dynamic', 'pairs', 'blocks'] as const) {
  test(`quantised (${form}): every part of a block is checked and holds, W_out from its integers, and the chain is the file bit for bit`, async () => {
    const session = await open(write(form));
    const report = await checkAnatomy(session, signal);
    assert.deepEqual([report.error, report.refused], [null, []]);
    assert.deepEqual(report.checks.filter((check) => !check.ok).map((check) => `${check.address}: ${check.name} is off by ${check.maxAbs}`), []);
    // Which of the two it is depends on the processor that the test runs on.
    assert.deepEqual(report.checks.map((check) => check.name.replace(/, with pairs of products cut to 16 bits as this processor does$/, '')), [
      ...[0, 1].flatMap(() => names[form]), 'chain = file, bit for bit', ...(form === 'blocks' ? ['fast chain = file'] : []),
    ]);
    // What the file rounds is rounded in the check as well, so that only the order of sums is left.
    for (const check of report.checks) if (!check.name.includes('8 bits')) assert.ok(check.maxAbs < 1e-5, `${check.address}: ${check.name} is off by ${check.maxAbs}`);
    await session.close();
  });
}

async function untouched(path: string, ids: Tensor): Promise<Float32Array> {
  const whole = await OrtSession.create({ path }, { optimization: 'basic', threads: 1 });
  const logits = (await whole.run(new Map([['input_ids', ids]]), ['logits'])).get('logits');
  await whole.release();
  assert.ok(logits);
  return toFloat32(logits);
}

test('with one scale for a whole tensor, variants and positions are computed apart: each is what the file gives for it alone', async () => {
  const path = write('dynamic');
  const session = await open(path);
  const [input] = session.model.graph.inputs;
  assert.ok(input);
  const prompts = [[5, 11, 7, 60], [70, 2, 90, 41], [8, 33, 12, 95]].map((ids) => makeTensor(INT64, [1, 4], ids));
  const alone: Float32Array[] = [];
  for (const prompt of prompts) alone.push(await untouched(path, prompt));
  const expected = alone.flatMap((logits) => [...logits]);
  assert.ok(maxAbs(await untouched(path, stack(prompts)), expected) > 1e-3, 'in one batch the rows change each other, which is what must not happen');

  const program = session.getProgram();
  const states: Tensor[] = [];
  const cut = program.shape.cuts.length - 3;
  const at = program.shape.cuts[cut];
  assert.ok(at && prompts[0]);
  for (const prompt of prompts) states.push((await program.run({ inputs: new Map([[input, prompt]]), taps: [at], logits: 'none' })).taps.get(at) ?? prompt);
  const steps: number[] = [];
  const rows: number[] = [];
  const edits = [{ value: program.shape.cuts[cut + 1] ?? at, apply: (tensor: Tensor, row: number): Tensor => {
    rows.push(row);
    return tensor;
  } }];
  const output = await program.run({
    inputs: new Map([[input, prompts[0]]]), from: { cut: at, state: stack(states), rows: 3 }, taps: [program.shape.cuts.at(-1) ?? at], edits, onStage: ({ stage }) => steps.push(stage),
  });
  assert.deepEqual(output.logits?.dims, [3, 4, 96]);
  assert.ok(maxAbs(toFloat32(output.logits), expected) < 1e-5, `off by ${maxAbs(toFloat32(output.logits), expected)}`);
  assert.deepEqual(output.taps.get(program.shape.cuts.at(-1) ?? at)?.dims, [3, 4, 4]);
  assert.deepEqual(rows, [0, 1, 2], 'an edit is told which variant it edits');
  assert.deepEqual(steps, steps.map((_, index) => index + 1), 'progress counts on');
  const last = await program.run({ inputs: new Map([[input, prompts[0]]]), logits: [3] });
  assert.ok(last.logits && maxAbs(toFloat32(last.logits), toFloat32(take({ type: 'float32', dims: [1, 4, 96], data: alone[0] ?? new Float32Array() }, 1, [3]))) < 1e-5, 'logits of one position are those of the whole run');
  await session.close();
});

test('a model that computes in bfloat16 opens with its layers, and says in one sentence why it is not run', async () => {
  const tiny = tinyAttention();
  const narrow = (tiny.weights ?? []).map((weight) => (weight.dataType === FLOAT ? tensor(weight.name, BFLOAT16, weight.dims.map(Number), { rawData: upperHalves(weight.rawData) }) : weight));
  const path = scratch.write('bfloat16.onnx', modelBytes(model({ ...tiny, weights: narrow, outputs: [valueInfo('logits', BFLOAT16, ['batch', 'sequence', VOCAB])] })));
  const session = await open(path);
  assert.equal(session.anatomy.towers[0]?.blocks[0]?.attention?.heads, 2);
  const report = await checkAnatomy(session, signal);
  assert.match(report.error?.what ?? '', /^The model computes in bfloat16 \(MatMul and others\), for which ONNX Runtime has no operators on a CPU$/);
  await session.close();
});

test('weights in bfloat16 that are cast run and are checked as any others', async () => {
  const tiny = tinyAttention();
  const learnt = (tiny.weights ?? []).filter((weight) => weight.dataType === FLOAT);
  const narrow = learnt.map((weight) => tensor(`${weight.name}.narrow`, BFLOAT16, weight.dims.map(Number), { rawData: upperHalves(weight.rawData) }));
  const casts = learnt.map((weight) => node('Cast', [`${weight.name}.narrow`], [weight.name], { to: FLOAT }));
  const rest = (tiny.weights ?? []).filter((weight) => weight.dataType !== FLOAT);
  const session = await open(scratch.write('narrow.onnx', modelBytes(model({ ...tiny, nodes: [...casts, ...tiny.nodes], weights: [...rest, ...narrow] }))));
  const report = await checkAnatomy(session, signal);
  assert.deepEqual([report.error, report.refused, report.checks.filter((check) => !check.ok)], [null, [], []]);
  assert.ok(report.checks.length > 5);
  await session.close();
});

/** float32 as bfloat16, rounded towards zero. */
function upperHalves(bytes: Uint8Array): Uint8Array {
  const halves = new Uint16Array(bytes.slice().buffer).filter((_, index) => index % 2 === 1);
  return new Uint8Array(halves.buffer);
}
