/** The chain of stages is the model: whole, from any cut, stacked, edited, at chosen positions, and stopped in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import { readAnatomy } from '../../src/engine/anatomy/read.ts';
import { inferTypes } from '../../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../../src/engine/onnx/model.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { makeTensor, toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import type { Value } from '../../src/engine/onnx/graph.ts';
import { chainShape } from '../../src/engine/program/chain.ts';
import { Program } from '../../src/engine/program/program.ts';
import { stack, take, tile } from '../../src/engine/program/tensors.ts';
import { floats, INT64, model, modelBytes, node, valueInfo } from '../lib/protos.ts';
import { randomValues } from '../lib/random.ts';
import { Scratch } from '../lib/scratch.ts';
import { around, attentionNodes, mlpNodes } from '../lib/tinyAttention.ts';
import { fixture, fixtures, goldenInputs, maxAbs, openFixture } from './fixtures.ts';
import type { Opened } from './fixtures.ts';

const scratch = new Scratch();
const oneRow = (inputs: ReadonlyMap<Value, Tensor>): ReadonlyMap<Value, Tensor> => new Map([...inputs].map(([value, tensor]) => [value, take(tensor, 0, [0])]));

async function untouched(opened: Opened, inputs: ReadonlyMap<Value, Tensor>, optimization: 'all' | 'basic'): Promise<Float32Array> {
  const session = await OrtSession.create({ path: opened.model.path }, { optimization, threads: 1 });
  const outputs = await session.run(new Map([...inputs].map(([value, tensor]) => [value.name, tensor])), ['logits']);
  await session.release();
  const logits = outputs.get('logits');
  assert.ok(logits);
  return toFloat32(logits);
}

function numbers(tensor: Tensor | null | undefined): Float32Array {
  assert.ok(tensor, 'there is a tensor');
  return toFloat32(tensor);
}

for (const { name, path, meta } of fixtures) {
  test(`${name}: the chain equals the untouched file, bit for bit at basic optimisation and within 1.2e-5 with all`, async () => {
    const opened = await openFixture(path);
    const inputs = goldenInputs(opened, meta.style);
    const exact = opened.program('basic');
    assert.equal(maxAbs(numbers((await exact.run({ inputs })).logits), await untouched(opened, inputs, 'basic')), 0);
    await exact.release();
    const fast = opened.program('all');
    assert.ok(maxAbs(numbers((await fast.run({ inputs })).logits), await untouched(opened, inputs, 'all')) < 1.2e-5);
    await fast.release();
    await opened.model.close();
  });

  test(`${name}: from every cut, one row or three stacked variants, the logits are those of the whole run`, async () => {
    const opened = await openFixture(path);
    const inputs = oneRow(goldenInputs(opened, meta.style));
    const program = opened.program();
    const whole = await program.run({ inputs, taps: program.shape.cuts });
    const expected = numbers(whole.logits);
    for (const [cut, value] of program.shape.cuts.entries()) {
      const state = whole.taps.get(value);
      assert.ok(state, `cut ${cut} was tapped`);
      assert.equal(maxAbs(numbers((await program.run({ inputs, from: { cut: value, state, rows: 1 } })).logits), expected), 0, `from cut ${cut}`);
      // Three different variants in one stack are the same three run one by one.
      const scaled = [1, 0.5, 2].map((factor): Tensor => ({ ...state, data: toFloat32(state).map((x) => x * factor) }));
      const stacked = numbers((await program.run({ inputs, from: { cut: value, state: stack(scaled), rows: 3 } })).logits);
      const single: Float32Array[] = [];
      for (const variant of scaled) single.push(numbers((await program.run({ inputs, from: { cut: value, state: variant, rows: 1 } })).logits));
      assert.ok(maxAbs(stacked, single.flatMap((row) => [...row])) < 1e-5, `stacked from cut ${cut}`);
    }
    await program.release();
    await opened.model.close();
  });
}

for (const { name, path, meta } of fixtures) {
  test(`${name}: from every tensor inside a block, three stacked variants of it give the logits that the whole run gives, edited there`, async () => {
    const opened = await openFixture(path);
    const inputs = oneRow(goldenInputs(opened, meta.style));
    const program = opened.program();
    const { cuts: states, taps } = program.shape;
    let started = 0;
    for (const cut of taps.filter((tap) => !states.includes(tap))) {
      const crossing = program.crossing(cut);
      if (!crossing) continue;
      started++;
      const kept = await program.run({ inputs, taps: [cut, ...crossing], cuts: [cut] });
      const state = kept.taps.get(cut);
      assert.ok(state, `${cut.name} was tapped`);
      const scale = (tensor: Tensor, factor: number): Tensor => ({ ...tensor, data: toFloat32(tensor).map((x) => x * factor) });
      const stacked = await program.run({ inputs, from: { cut, state: stack([1, 0.5, 2].map((factor) => scale(state, factor))), rows: 3, crossing: kept.taps } });
      const whole: Float32Array[] = [];
      for (const factor of [1, 0.5, 2]) whole.push(numbers((await program.run({ inputs, edits: [{ value: cut, apply: (tensor) => scale(tensor, factor) }] })).logits));
      assert.ok(maxAbs(numbers(stacked.logits), whole.flatMap((row) => [...row])) < 1e-5, `started at ${cut.name}`);
    }
    assert.ok(started >= 4 * opened.anatomy.towers.flatMap((tower) => tower.blocks).length, `${started} starts inside blocks`);
    await program.release();
    await opened.model.close();
  });
}

test('the last stage can run at chosen positions only, and gives the same logits there', async () => {
  for (const name of ['gpt2-sdpa-20', 'llama-eager-18', 'attention-only-eager-18', 'bert-eager-20']) {
    const { path, meta } = fixture(name);
    const opened = await openFixture(path);
    const inputs = goldenInputs(opened, meta.style);
    const program = opened.program();
    assert.equal(program.shape.tailByPosition, true, `${name}: the tail works by position`);
    const all = (await program.run({ inputs })).logits;
    const some = (await program.run({ inputs, logits: [3, 10] })).logits;
    assert.ok(all && some);
    assert.deepEqual(some.dims, [2, 2, 96]);
    assert.ok(maxAbs(toFloat32(some), toFloat32(take(all, 1, [3, 10]))) < 1e-6, name);
    await program.release();
    await opened.model.close();
  }
});

test('an edit inside a block reaches what reads it, and nothing else', async () => {
  const { path, meta } = fixture('gpt2-eager-18');
  const opened = await openFixture(path);
  const inputs = oneRow(goldenInputs(opened, meta.style));
  const program = opened.program();
  const block = opened.anatomy.towers[0]?.blocks[1];
  const z = block?.attention?.z.value;
  const out = block?.attention?.out.value;
  assert.ok(block && z && out);
  const taps = [block.start.value, out, block.residPost.value];
  const plain = await program.run({ inputs, taps });
  const same = await program.run({ inputs, taps, edits: [{ value: z, apply: (tensor) => tensor }] });
  assert.equal(maxAbs(numbers(same.logits), numbers(plain.logits)), 0, 'a patch with its own value changes nothing');
  const zeroed = await program.run({ inputs, taps, edits: [{ value: z, apply: (tensor) => ({ ...tensor, data: new Float32Array(tensor.data.length) }) }] });
  assert.equal(maxAbs(numbers(zeroed.taps.get(block.start.value)), numbers(plain.taps.get(block.start.value))), 0, 'before the edit nothing changed');
  // With z zero, attention writes its output bias at every position.
  const written = numbers(zeroed.taps.get(out));
  const first = written.subarray(0, 32);
  for (let position = 1; position < 11; position++) assert.equal(maxAbs(written.subarray(position * 32, position * 32 + 32), first), 0, `attn_out at ${position}`);
  assert.ok(maxAbs(numbers(zeroed.logits), numbers(plain.logits)) > 1e-3, 'the logits moved');
  await program.release();
  await opened.model.close();
});

test('an edit of q alone, of the pattern, and of two tensors at once each arrive', async () => {
  const { path, meta } = fixture('llama-sdpa-20');
  const opened = await openFixture(path);
  const inputs = oneRow(goldenInputs(opened, meta.style));
  const program = opened.program();
  const attention = opened.anatomy.towers[0]?.blocks[0]?.attention;
  assert.ok(attention?.q && attention.v);
  const { q, v, pattern, z } = attention;
  const plain = await program.run({ inputs, taps: [pattern.value, z.value] });
  const halve = (tensor: Tensor): Tensor => ({ ...tensor, data: toFloat32(tensor).map((x) => x / 2) });
  const flat = await program.run({ inputs, taps: [pattern.value], edits: [{ value: q.value, apply: (tensor) => ({ ...tensor, data: new Float32Array(tensor.data.length) }) }] });
  const row = numbers(flat.taps.get(pattern.value)).subarray(11 * 5, 11 * 5 + 6);
  assert.ok(maxAbs(row, new Float32Array(6).fill(1 / 6)) < 1e-6, 'without queries, attention is even over what is allowed');
  const both = await program.run({ inputs, taps: [z.value], edits: [{ value: v.value, apply: halve }, { value: pattern.value, apply: halve }] });
  const quarter = numbers(plain.taps.get(z.value)).map((x) => x / 4);
  assert.ok(maxAbs(numbers(both.taps.get(z.value)), quarter) < 1e-6, 'half the values under half the pattern are a quarter of z');
  await program.release();
  await opened.model.close();
});

test('a run stops between two stages when it is cancelled, and the program goes on to serve', async () => {
  const { path, meta } = fixture('gpt2-eager-18');
  const opened = await openFixture(path);
  const inputs = goldenInputs(opened, meta.style);
  const program = opened.program();
  const controller = new AbortController();
  const seen: number[] = [];
  const run = program.run({
    inputs, signal: controller.signal,
    onStage: ({ stage }) => {
      seen.push(stage);
      if (stage === 3) controller.abort();
    },
  });
  await assert.rejects(run, (error) => error instanceof CogscopeError && error.code === 'cancelled');
  assert.deepEqual(seen, [1, 2, 3]);
  assert.ok((await program.run({ inputs })).logits);
  await program.release();
  await opened.model.close();
});

test('a batch keeps its rows apart: two rows at once equal each alone', async () => {
  const { path, meta } = fixture('gpt2-sdpa-20');
  const opened = await openFixture(path);
  const inputs = goldenInputs(opened, meta.style);
  const program = opened.program();
  const together = (await program.run({ inputs })).logits;
  assert.ok(together);
  for (const row of [0, 1]) {
    const alone = await program.run({ inputs: new Map([...inputs].map(([value, tensor]) => [value, take(tensor, 0, [row])])) });
    assert.ok(maxAbs(numbers(alone.logits), toFloat32(take(together, 0, [row]))) < 1e-5, `row ${row}`);
  }
  assert.equal(tile(together, 1), together);
  await program.release();
  await opened.model.close();
});

test('only one live session holds a large weight: a stage that is split releases the one it replaces', async () => {
  const { path, meta } = fixture('gpt2-eager-18');
  const opened = await openFixture(path);
  const program = opened.program();
  await program.run({ inputs: goldenInputs(opened, meta.style) });
  assert.equal(program.sessionCount, program.shape.blockCuts.length + 1, 'a session a stage');
  await program.release();
  assert.equal(program.sessionCount, 0);
  await opened.model.close();
});

for (const length of [1, 3, 4]) {
  test(`positions of one axis are those of all variants: ${length} tokens, three variants`, async () => {
    const [attention, mlp] = [attentionNodes('state', 'attended'), mlpNodes('mid', 'added', 'm.')];
    const parts = around({
      nodes: [
        node('Gather', ['places', 'position_ids'], ['place']), node('Add', ['embedded', 'place'], ['state']), ...attention.nodes, node('Add', ['state', 'attended'], ['mid']),
        // Read once more behind the cut.
        ...mlp.nodes, node('Add', ['added', 'place'], ['placed']), node('Add', ['mid', 'placed'], ['final']),
      ],
      weights: [...attention.weights, ...mlp.weights, floats('places', [8, 4], randomValues(13, 32))],
    });
    const path = scratch.write('positions.onnx', modelBytes(model({ ...parts, inputs: [...parts.inputs ?? [], valueInfo('position_ids', INT64, ['sequence'])] })));
    const opened = await OnnxModel.open(path);
    const types = inferTypes(opened);
    const program = new Program(opened, types, chainShape(opened, types, readAnatomy(opened, types)), { threads: 1, level: 'basic', weightBudget: 1e9 });
    const value = (name: string): Value => opened.graph.byName.get(name) as Value;
    const count = Array.from({ length }, (_, index) => index);
    const inputs = new Map([[value('input_ids'), makeTensor(INT64, [1, length], count)], [value('position_ids'), makeTensor(INT64, [length], count)]]);
    const cut = value('mid');
    const whole = await program.run({ inputs, taps: [value('mid')] });
    const state = whole.taps.get(value('mid'));
    assert.ok(state && program.shape.cuts.includes(cut));
    const { logits } = await program.run({ inputs, from: { cut, state: tile(state, 3), rows: 3 } });
    assert.deepEqual(logits?.dims, [3, length, 96]);
    assert.ok(maxAbs(numbers(logits), numbers(whole.logits && tile(whole.logits, 3))) < 1e-6);
    await program.release();
    await opened.close();
  });
}
