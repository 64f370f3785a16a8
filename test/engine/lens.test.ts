/** States read as tokens and logits taken apart are TransformerLens's on the same raw weights (training/lens/make_goldens.py); sums add up; what cannot be read is refused. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { engineHandlers } from '../../src/engine/server.ts';
import type { AttributionParams, AttributionPart, LensProgress, LensRow } from '../../src/shared/protocol/lensApi.ts';
import { gpt2Graph } from '../../bench/models/gpt2.ts';
import { writeModel } from '../../bench/models/write.ts';
import { Scratch } from '../lib/scratch.ts';
import { cellsFolder } from './lib/cells.ts';
import { fixture, maxAbs } from './fixtures.ts';
import { goldenOf, pathOf, subjects } from './lib/lensGoldens.ts';
import { refusal } from './lib/refusal.ts';

const EQUAL = 1e-4;
const quiet = { signal: new AbortController().signal, progress: (): void => undefined };

type Engine = ReturnType<typeof engineHandlers>;

async function opened(path: string): Promise<Engine> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  await engine.open({ path, tokenizer: null }, quiet);
  return engine;
}

const ids = (list: readonly number[]) => ({ kind: 'ids', ids: list }) as const;

/** "0_pre" as TransformerLens calls a state of accumulated_resid. */
const stateName = (address: string): string => {
  const [, layer = '', site = ''] = /blocks\.(\d+)\.hook_resid_(\w+)/.exec(address) ?? [];
  return site === 'post' ? 'final_post' : `${layer}_${site}`;
};

/** A row of a softmax in double precision. */
function distribution(logits: Float32Array): Float64Array {
  const max = Math.max(...logits);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - max));
  const sum = weights.reduce((all, one) => all + one, 0);
  return weights.map((weight) => weight / sum);
}

for (const [name, subject] of Object.entries(subjects)) {
  const path = pathOf(subject);
  const { prompt, target, distractor, states } = subject;
  const length = prompt.length;

  test(`${name}: every state, read as tokens, is TransformerLens's`, async () => {
    const engine = await opened(path);
    const lens = await engine.lens({ prompt: ids(prompt), mid: true, top: 4, target, distractor }, quiet);
    assert.deepEqual(lens.frame.states.map(({ address }) => stateName(address)), states);
    assert.deepEqual(lens.rows.map(({ state }) => state), states.map((_, index) => index));
    const expected = goldenOf(name)('lens');
    const vocab = expected.length / states.length / length;
    for (const row of lens.rows) {
      for (let position = 0; position < length; position++) {
        const at = (row.state * length + position) * vocab;
        const logits = expected.subarray(at, at + vocab);
        const where = `${states[row.state] ?? ''}, position ${position}`;
        const probabilities = distribution(logits);
        const best = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)).slice(0, 4);
        const slots = [position * 4, position * 4 + 4] as const;
        // Two tokens may be as near as rounding: their logits are compared, not their order.
        assert.ok(maxAbs(row.logits.subarray(...slots), best.map((id) => logits[id] ?? NaN)) < EQUAL, `${where}: logits of the best`);
        assert.ok(maxAbs(row.probabilities.subarray(...slots), best.map((id) => probabilities[id] ?? NaN)) < EQUAL, `${where}: probabilities of the best`);
        const entropy = -probabilities.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
        assert.ok(Math.abs((row.entropy[position] ?? NaN) - entropy) < EQUAL, `${where}: entropy ${row.entropy[position] ?? NaN}, ${entropy} expected`);
        for (const [id, standing] of [[target, row.target], [distractor, row.distractor]] as const) {
          assert.ok(standing);
          assert.ok(Math.abs((standing.logit[position] ?? NaN) - (logits[id] ?? NaN)) < EQUAL, `${where}: logit of ${id}`);
          assert.ok(Math.abs((standing.probability[position] ?? NaN) - (probabilities[id] ?? NaN)) < EQUAL, `${where}: probability of ${id}`);
          const better = logits.filter((logit) => logit > (logits[id] ?? NaN) + EQUAL).length;
          const asGood = logits.filter((logit) => logit > (logits[id] ?? NaN) - EQUAL).length;
          const rank = standing.rank[position] ?? NaN;
          assert.ok(rank > better && rank <= asGood, `${where}: rank ${rank} of ${id}, ${better + 1} to ${asGood} expected`);
        }
      }
    }
    await engine.release({}, quiet);
  });

  for (const [suffix, asked] of [['', { target, distractor }], ['.target', { target }]] as const) {
    test(`${name}: ${suffix === '' ? 'the difference of two logits' : 'a logit'} is taken apart as TransformerLens does, and the parts add up`, async () => {
      const engine = await opened(path);
      const found = await engine.attribution({ prompt: ids(prompt), positions: prompt.map((_, position) => position), ...asked }, quiet);
      const read = goldenOf(name);
      const values = new Map(found.parts.map((part) => [part.address, part.values]));
      const compare = (what: string, ours: ArrayLike<number>, key: string, index: number): void => {
        const difference = maxAbs(ours, read(key).subarray(index * length, (index + 1) * length));
        assert.ok(difference < EQUAL, `${what} differs by ${difference}`);
      };
      subject.heads.forEach((address, index) => compare(address, values.get(address) ?? [], `heads${suffix}`, index));
      subject.parts.forEach((part, index) => {
        const [, layer, kind] = /^(\d+)_(attn|mlp)_out$/.exec(part) ?? [];
        if (layer === undefined) compare(part, values.get(`hook_${part}`) ?? [], `parts${suffix}`, index);
        else if (kind === 'mlp') compare(part, values.get(`blocks.${layer}.hook_mlp_out`) ?? [], `parts${suffix}`, index);
        else {
          const whole = prompt.map((_, position) => found.parts.filter((one) => one.layer === Number(layer) && (one.kind === 'head' || one.kind === 'attention-bias')).reduce((sum, one) => sum + (one.values[position] ?? NaN), 0));
          compare(`${part} as heads and bias`, whole, `parts${suffix}`, index);
        }
      });
      assert.ok(Math.abs((values.get('bias')?.[0] ?? NaN) - (read(`bias${suffix}`)[0] ?? NaN)) < EQUAL, 'biases of norm and unembedding');
      const own = read('lens');
      const vocab = own.length / states.length / length;
      const logit = prompt.map((_, position) => {
        const at = ((states.length - 1) * length + position) * vocab;
        return (own[at + target] ?? NaN) - (suffix === '' ? own[at + distractor] ?? NaN : 0);
      });
      assert.ok(maxAbs(found.logit, logit) < EQUAL, 'the logit itself');
      assert.ok(found.remainder.every((value) => Math.abs(value) < EQUAL), `remainders ${found.remainder.join(', ')}`);
      assert.deepEqual([found.weights, found.norm, found.notes], ['raw', { gpt2: 'layer', llama: 'rms', induction: 'none' }[name], []]);
      await engine.release({}, quiet);
    });
  }
}

async function checkSum(engine: Engine, params: AttributionParams): Promise<readonly AttributionPart[]> {
  const { parts, remainder, tolerance, logit } = await engine.attribution(params, quiet);
  assert.ok(parts.length > 3 && Math.abs(logit[0] ?? 0) > 0, 'there are parts');
  assert.ok(Math.abs(remainder[0] ?? NaN) < tolerance, `${remainder[0] ?? NaN} is left of ${logit[0] ?? NaN}, ${tolerance} allowed; parts ${parts.map(({ address }) => address).join(', ')}`);
  return parts;
}

/** Other norms, parallel blocks, shared keys, a mixture of experts, an encoder before them, norms behind the parts. */
for (const cell of ['einsum', 'gpt-neox', 'gpt-j', 'falcon', 'bloom', 'phi', 'opt', 'mistral', 'qwen2', 'qwen3', 'mixtral', 'gemma3', 't5', 'nanogpt']) {
  test(`${cell}: the parts of the last position add up to the logit`, async () => {
    const engine = await opened(join(cellsFolder, cell, 'torch-20.onnx'));
    const parts = await checkSum(engine, { prompt: ids([5, 9, 33, 5, 17]), ...(cell === 't5' ? { prompts: { dec: ids([3, 7, 11]) } } : {}), target: 7, distractor: 12 });
    assert.equal(parts.some(({ kind }) => kind === 'head'), cell !== 'gemma3', 'heads are told apart, but where a norm stands behind them all');
    await engine.release({}, quiet);
  });
}

for (const file of ['torchscript', 'torch-18-eager', 'torch-23', 'optimum', 'optimum-past', 'onnxslim', 'ort-fused', 'ort-fused-20', 'fp16', 'fp16-io', 'fp16-halves', 'bf16', 'int4', 'int4-dequantised', 'frozen']) {
  test(`gpt2 as ${file}: its states are read, and its parts add up to the logit`, async () => {
    const engine = await opened(join(cellsFolder, 'gpt2', `${file}.onnx`));
    const { inputs } = await engine.open({ path: join(cellsFolder, 'gpt2', `${file}.onnx`), tokenizer: null }, quiet);
    const length = Number(inputs.find(({ role }) => role === 'ids')?.shape[1]) || 5;
    const prompt = ids(Array.from({ length }, (_, index) => (5 + 29 * index) % 90));
    const { rows } = await engine.lens({ prompt, target: 7 }, quiet);
    const { predictions } = await engine.run({ prompt, patterns: false }, quiet);
    const last = rows.at(-1);
    assert.equal(last?.ids[(length - 1) * 5], predictions?.top[0]?.id, 'the last state says what the model says');
    await checkSum(engine, { prompt, target: 7, distractor: 12 });
    await engine.release({}, quiet);
  });
}

test('where activations are rounded by the file, a logit is no sum', async () => {
  const engine = await opened(join(cellsFolder, 'gpt2/int8-qdq.onnx'));
  assert.match((await refusal(engine.attribution({ prompt: ids([5, 9, 33, 5, 17]), target: 7 }, quiet))).message, /more than a norm and a matrix, so that a logit is no sum/);
});

test('one scale for all positions: states are read as the model reads its last, and parts are refused', async () => {
  const engine = await opened(join(cellsFolder, 'gpt2/int8-dynamic.onnx'));
  const prompt = ids([5, 9, 33, 5, 17]);
  const { rows } = await engine.lens({ prompt }, quiet);
  const { predictions } = await engine.run({ prompt, patterns: false }, quiet);
  assert.ok(maxAbs(rows.at(-1)?.logits.subarray(20, 25) ?? [], predictions?.top.slice(0, 5).map(({ logit }) => logit) ?? []) < 1e-5, 'the last state says what the model says');
  assert.match((await refusal(engine.attribution({ prompt, target: 7 }, quiet))).message, /eight bits by one scale/);
});

test('rows come one by one; a long prompt is read in pieces with the same numbers', async () => {
  const engine = await opened(fixture('gpt2-sdpa-20').path);
  const prompt = Array.from({ length: 14 }, (_, index) => (index * 13) % 90);
  const told: LensProgress[] = [];
  const lens = await engine.lens({ prompt: ids(prompt) }, { signal: quiet.signal, progress: (body) => told.push(body as LensProgress) });
  assert.equal(told[0]?.kind, 'started');
  assert.deepEqual(told.flatMap((body): readonly LensRow[] => (body.kind === 'row' ? [body.row] : [])), lens.rows);
  const few = await engine.lens({ prompt: ids(prompt), positions: [-1, 3] }, quiet);
  assert.deepEqual(few.frame.positions, [13, 3]);
  for (const [index, row] of few.rows.entries()) {
    const whole = lens.rows[index];
    assert.ok(whole);
    assert.ok(maxAbs(row.entropy, [whole.entropy[13] ?? NaN, whole.entropy[3] ?? NaN]) < 1e-5);
    assert.ok(maxAbs(row.norm, [whole.norm[13] ?? NaN, whole.norm[3] ?? NaN]) < 1e-5);
  }
});

test('logits of all states are never there at once', async (t) => {
  const path = new Scratch().path('wide.onnx');
  writeModel(path, gpt2Graph({ layers: 3, heads: 2, dModel: 16, dMlp: 16, vocab: 1 << 16, context: 128 }), { weights: 'inline', sparse: false });
  const engine = await opened(path);
  const { run } = OrtSession.prototype;
  let largest = 0;
  t.mock.method(OrtSession.prototype, 'run', async function counted(this: OrtSession, ...given: Parameters<typeof run>) {
    const outputs = await run.apply(this, given);
    for (const { data } of outputs.values()) largest = Math.max(largest, data.length);
    return outputs;
  });
  const prompt = ids(Array.from({ length: 128 }, (_, index) => (index * 509) % (1 << 16)));
  const { rows } = await engine.lens({ prompt, top: 1 }, quiet);
  assert.equal(rows.length, 4);
  assert.ok(largest <= 1 << 24 && 4 * 128 * (1 << 16) > 1 << 24, `${largest} numbers were handed out at once`);
  const { run: own } = await engine.run({ prompt, patterns: false }, quiet);
  const last = rows.at(-1);
  for (const position of [0, 77, 127]) {
    const said = await engine.predictions({ run: own, position, top: 1 }, quiet);
    assert.ok(Math.abs((last?.logits[position] ?? NaN) - (said?.top[0]?.logit ?? NaN)) < 1e-4, `position ${position}`);
  }
});

test('norms of states and of what layers add are those of the activations', async () => {
  const engine = await opened(fixture('gpt2-sdpa-20').path);
  const prompt = ids([1, 2, 3, 4]);
  const { rows, added, frame } = await engine.lens({ prompt }, quiet);
  const { taps } = await engine.capture({ prompts: [prompt], taps: ['blocks.*.hook_resid_*', 'blocks.*.hook_*_out'], top: 1, values: true }, quiet);
  const normAt = (address: string, position: number): number => {
    const data = taps[address]?.data ?? new Float32Array();
    const width = data.length / 4;
    return Math.hypot(...data.subarray(position * width, (position + 1) * width));
  };
  const near = (ours: number | undefined, address: string, position: number): void => assert.ok(Math.abs((ours ?? NaN) - normAt(address, position)) < 1e-4, `${address}@${position}`);
  for (const position of [0, 3]) {
    for (const row of rows) near(row.norm[position], frame.states[row.state]?.address ?? '', position);
    for (const one of added) {
      near(one.attention?.[position], `blocks.${one.layer}.hook_attn_out`, position);
      near(one.mlp?.[position], `blocks.${one.layer}.hook_mlp_out`, position);
      assert.equal(one.cross, null);
    }
  }
  assert.equal(added.length, rows.length - 1);
});

test('one token is enough', async () => {
  const engine = await opened(fixture('llama-sdpa-20').path);
  const lens = await engine.lens({ prompt: ids([4]), target: 5 }, quiet);
  assert.ok(lens.rows.every((row) => Number.isFinite(row.entropy[0]) && (row.target?.rank[0] ?? 0) >= 1));
  const { remainder, tolerance } = await engine.attribution({ prompt: ids([4]), target: 5 }, quiet);
  assert.ok(Math.abs(remainder[0] ?? NaN) < tolerance);
});

test('a cancel ends the reading', async () => {
  const engine = await opened(fixture('gpt2-deep-sdpa-20').path);
  const controller = new AbortController();
  const call = engine.lens({ prompt: ids([1, 2, 3]) }, { signal: controller.signal, progress: () => controller.abort() });
  assert.equal((await refusal(call)).code, 'cancelled');
});

test('models without a way from states to tokens are refused with why', async () => {
  for (const [path, says] of [
    [fixture('bert-sdpa-20').path, /norm stands behind its sum|not recognised as logits/],
    [join(cellsFolder, 'bart/torch-20.onnx'), /norm stands behind its sum/],
    [join(cellsFolder, 'vit/torch-20.onnx'), /not recognised as logits over a vocabulary/],
    [join(cellsFolder, 'resnet/torch-20.onnx'), /not recognised as logits over a vocabulary/],
  ] as const) {
    const engine = await opened(path);
    const error = await refusal(engine.lens({ prompt: ids([1, 2]) }, quiet));
    assert.equal(error.code, 'refused');
    assert.match(error.message, says);
  }
});

test('gemma 2 caps its logits, so that they are no sum; its states are read nevertheless', async () => {
  const engine = await opened(join(cellsFolder, 'gemma2/torch-20.onnx'));
  const error = await refusal(engine.attribution({ prompt: ids([1, 2, 3]), target: 4 }, quiet));
  assert.match(error.message, /more than a norm and a matrix, so that a logit is no sum/);
  const { rows } = await engine.lens({ prompt: ids([1, 2, 3]) }, quiet);
  assert.ok(rows.length > 1 && rows.every((row) => row.probabilities.every((p) => p > 0 && p <= 1)));
});

test('questions that make no sense are refused', async () => {
  const engine = await opened(fixture('gpt2-sdpa-20').path);
  const prompt = ids([1, 2, 3]);
  for (const [params, says] of [
    [{ prompt, positions: [3] }, /no position 3 in a prompt of 3 tokens/], [{ prompt, positions: [-4] }, /no position -4/], [{ prompt, positions: [] }, /No position/],
    [{ prompt, top: 0 }, /1 to 100 tokens/], [{ prompt, target: 100_000 }, /target 100000 is outside the vocabulary/], [{ prompt, target: ' Lily' }, /tokenizer/i],
  ] as const) {
    assert.match((await refusal(engine.lens(params, quiet))).message, says);
  }
});
