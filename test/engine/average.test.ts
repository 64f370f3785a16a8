/** The mean pattern over prompts and its spread, held against PyTorch's patterns of each; what is left out; and what a cancel keeps. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { engineHandlers } from '../../src/engine/server.ts';
import type { AverageProgress } from '../../src/shared/protocol/averageApi.ts';
import type { EngineApi, LayerPatterns } from '../../src/shared/protocol/engineApi.ts';
import type { CallContext, Handlers } from '../../src/shared/rpc/connection.ts';
import { fixture, goldens, maxAbs } from './fixtures.ts';
import { cellsFolder } from './lib/cells.ts';
import { refusal } from './lib/refusal.ts';

const quiet: CallContext = { signal: new AbortController().signal, progress: () => undefined };
const ids = (list: readonly number[]) => ({ kind: 'ids', ids: list }) as const;
const place = { tower: '', attention: 'self', layer: 1 } as const;
const all = { row: 0, rows: 99, col: 0, cols: 99 };

type Engine = Handlers<EngineApi>;

async function opened(path = fixture('gpt2-sdpa-20').path): Promise<Engine> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  await engine.open({ path, tokenizer: null }, quiet);
  return engine;
}

/** A call with what it told on its way. */
function telling(): { readonly context: CallContext; readonly told: AverageProgress[]; readonly abort: AbortController } {
  const [told, abort]: [AverageProgress[], AbortController] = [[], new AbortController()];
  return { told, abort, context: { signal: abort.signal, progress: (body) => told.push(body as AverageProgress) } };
}

/** PyTorch's patterns of GPT-2's two golden prompts, whose first tokens no mask closes. */
function truth(layer: number, head: number): { readonly prompts: readonly (readonly number[])[]; readonly cells: readonly Float32Array[]; readonly length: number } {
  const golden = goldens('gpt2');
  const numbers = (name: string): Float32Array => {
    const tensor = golden.get(name);
    assert.ok(tensor, `no golden ${name}`);
    return toFloat32(tensor);
  };
  const [input, mask, pattern] = [numbers('input.input_ids'), numbers('input.attention_mask'), numbers(`blocks.${layer}.attn.hook_pattern`)];
  const [width, heads, length] = [input.length / 2, pattern.length / 2 / (input.length / 2) ** 2, mask.slice(input.length / 2).filter((open) => open === 1).length];
  const cellsOf = (prompt: number): Float32Array => Float32Array.from({ length: length * length }, (_, at) => pattern[((prompt * heads + head) * width + Math.floor(at / length)) * width + (at % length)] ?? NaN);
  return { prompts: [0, 1].map((prompt) => [...input.slice(prompt * width, prompt * width + length)]), cells: [cellsOf(0), cellsOf(1)], length };
}

/** One head of what is sent of a layer. */
function dense({ keys, perRow, rows, cols }: LayerPatterns, numbers: Float32Array, head: number): Float32Array {
  const values = new Float32Array(rows * cols);
  for (let slot = head * rows * perRow; slot < (head + 1) * rows * perRow; slot++) {
    const key = keys[slot] ?? 0xffff;
    if (key < cols) values[(Math.floor(slot / perRow) % rows) * cols + key] = numbers[slot] ?? NaN;
  }
  return values;
}

test('mean and standard deviation over two prompts are those of PyTorch’s patterns, as tiles and as they are sent', async () => {
  const engine = await opened();
  const { context, told } = telling();
  const { prompts, length } = truth(1, 0);
  const frame = await engine.averagePatterns({ prompts: prompts.map(ids) }, context);
  assert.deepEqual([frame.of, frame.leftOut, frame.towers['']?.length], [2, [], length]);
  const sent = told.flatMap((body) => (body.kind === 'layer' && body.done === 2 && body.layer.patterns.layer === 1 ? [body.layer] : []))[0];
  assert.ok(sent, 'layer 1 was not told');
  for (let head = 0; head < sent.patterns.heads; head++) {
    const { cells: [a = new Float32Array(0), b = a] } = truth(1, head);
    const mean = a.map((value, at) => (value + (b[at] ?? NaN)) / 2);
    // Of two numbers, dividing by 2 − 1: their distance by the square root of 2.
    const spread = a.map((value, at) => Math.abs(value - (b[at] ?? NaN)) / Math.SQRT2);
    const tile = { run: frame.run, ...place, head, ...all };
    for (const [name, values, expected] of [
      ['mean', (await engine.patternTile(tile, quiet)).values, mean], ['spread', (await engine.spreadTile(tile, quiet)).values, spread],
      ['mean as sent', dense(sent.patterns, sent.patterns.weights, head), mean], ['spread as sent', dense(sent.patterns, sent.spread, head), spread],
    ] as const) assert.ok(maxAbs(values, expected) < 1e-6, `${name} of head ${head} differs by ${maxAbs(values, expected)}`);
  }
});

test('many prompts: the mean so far is told after 1, 2, 4... and the last, and no digits are lost on the way', async () => {
  const engine = await opened();
  const { context, told } = telling();
  const prompts = Array.from({ length: 11 }, (_, index) => [5 + index, 6, 7 + (index % 3), 8]);
  const { run } = await engine.averagePatterns({ prompts: prompts.map(ids) }, context);
  assert.deepEqual([...new Set(told.flatMap((body) => (body.kind === 'layer' ? [body.done] : [])))], [1, 2, 4, 8, 11]);
  assert.deepEqual(told.flatMap((body) => (body.kind === 'prompt' ? [body.done] : [])), prompts.map((_, index) => index + 1));
  const singles: Float32Array[] = [];
  for (const prompt of prompts) {
    const one = await engine.run({ prompt: ids(prompt), patterns: true }, quiet);
    singles.push((await engine.patternTile({ run: one.run, ...place, head: 2, ...all }, quiet)).values);
  }
  // The average went with so many runs; it is made again to be asked.
  await assert.rejects(async () => engine.spreadTile({ run, ...place, head: 2, ...all }, quiet), /no longer kept/);
  const again = await engine.averagePatterns({ prompts: prompts.map(ids) }, quiet);
  const [mean, spread] = [await engine.patternTile({ run: again.run, ...place, head: 2, ...all }, quiet), await engine.spreadTile({ run: again.run, ...place, head: 2, ...all }, quiet)];
  mean.values.forEach((value, cell) => {
    const values = singles.map((single) => single[cell] ?? NaN);
    const expected = values.reduce((sum, one) => sum + one, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - expected) ** 2, 0) / (values.length - 1));
    assert.ok(Math.abs(value - expected) < 1e-7 && Math.abs((spread.values[cell] ?? NaN) - deviation) < 1e-7, `cell ${cell}: ${value} ± ${spread.values[cell]}, not ${expected} ± ${deviation}`);
  });
});

test('one prompt has a mean and no spread; positions keep their token where all prompts have it', async () => {
  const engine = await opened();
  const one = await engine.averagePatterns({ prompts: [ids([5, 6, 7])] }, quiet);
  const spread = await engine.spreadTile({ run: one.run, ...place, head: 0, ...all }, quiet);
  assert.ok(spread.values.every(Number.isNaN), 'a spread of one prompt');
  const { towers } = await engine.averagePatterns({ prompts: [ids([5, 6, 7, 5]), ids([5, 8, 7, 5]), ids([5, 8, 9, 5]), ids([5, 4, 7, 5])] }, quiet);
  assert.deepEqual(towers['']?.map(({ id }) => id < 0), [false, true, true, false]);
  assert.equal(new Set(towers['']?.slice(1, 3).map(({ id }) => id)).size, 2, 'no two positions with several tokens are one token');
  assert.match(towers['']?.[1]?.text ?? '', /8.*\/.*\/…/, 'the most frequent token stands first, and that there are more is said');
});

test('prompts of other lengths, too long, empty or outside the vocabulary are left out and named with why', async () => {
  const engine = await opened();
  const context = (await engine.open({ path: fixture('gpt2-sdpa-20').path, tokenizer: null }, quiet)).towers[0]?.context ?? 0;
  const frame = await engine.averagePatterns({ prompts: [[1, 2], [1, 2, 3], [4, 5, 6], Array.from({ length: context + 1 }, () => 1), [], [1, 99_999, 2], [7, 8, 9]].map(ids) }, quiet);
  assert.equal(frame.of, 3);
  assert.deepEqual(frame.leftOut.map(({ index }) => index), [0, 3, 4, 5]);
  const [shorter, longer, empty, outside] = frame.leftOut.map(({ reason }) => reason);
  assert.equal(shorter, '2 tokens, not 3');
  assert.match(longer ?? '', new RegExp(`${context + 1} tokens and the model’s context holds ${context}`));
  assert.match(empty ?? '', /empty/);
  assert.match(outside ?? '', /99999 is outside the vocabulary/);
  const { prompts } = await engine.averagedLayers({ run: frame.run }, quiet);
  assert.equal(prompts, 3);
});

test('no prompts, and none that can be run, are refused; so is what an average does not have', async () => {
  const engine = await opened();
  assert.match((await refusal(engine.averagePatterns({ prompts: [] }, quiet))).message, /no prompt in the set/);
  assert.match((await refusal(engine.averagePatterns({ prompts: [ids([]), ids([])] }, quiet))).message, /None of the 2 prompts can be run: The prompt is empty/);
  const { run } = await engine.averagePatterns({ prompts: [ids([1, 2]), ids([3, 4])] }, quiet);
  const tile = { run, ...place, head: 0, row: 0, rows: 2, col: 0, cols: 2 };
  assert.match((await refusal(engine.attentionTile({ ...tile, view: 'weighted' }, quiet))).message, /average of several prompts has no single run behind it/);
  assert.match((await refusal(engine.headWrites({ ...tile, position: 0, top: 1 }, quiet))).message, /average of several prompts/);
  assert.equal(await engine.predictions({ run, position: 0, top: 1 }, quiet), null);
  const rollout = await engine.attentionTile({ ...tile, view: 'rollout' }, quiet);
  assert.ok(Math.abs((rollout.values[2] ?? NaN) + (rollout.values[3] ?? NaN) - 1) < 1e-5, 'rollout needs patterns only');
  const { layers } = await engine.headScores({ text: { kind: 'run', run } }, quiet);
  assert.ok(layers.length > 0, 'an average is scored as a run is');
  const { run: single } = await engine.run({ prompt: ids([1, 2]), patterns: true }, quiet);
  assert.match((await refusal(Promise.resolve().then(() => engine.averagedLayers({ run: single }, quiet)))).message, /of one prompt/);
});

test('a cancel between and within prompts keeps the mean over those that were run whole', async () => {
  const engine = await opened();
  const prompts = Array.from({ length: 9 }, (_, index) => [5 + index, 6, 7, 8]);
  const { context, told, abort } = telling();
  const stopped = await refusal(engine.averagePatterns({ prompts: prompts.map(ids) }, {
    signal: context.signal,
    progress: (body) => {
      context.progress(body);
      if ((body as AverageProgress).kind === 'prompt' && (body as { readonly done: number }).done === 3) abort.abort();
    },
  }));
  assert.equal(stopped.data.code, 'cancelled');
  const started = told[0];
  assert.ok(started?.kind === 'started');
  const kept = await engine.averagedLayers({ run: started.frame.run }, quiet);
  assert.equal(kept.prompts, 3);
  const whole = await engine.averagePatterns({ prompts: prompts.slice(0, 3).map(ids) }, quiet);
  const expected = (await engine.averagedLayers({ run: whole.run }, quiet)).layers;
  assert.equal(kept.layers.length, expected.length);
  kept.layers.forEach(({ patterns, spread }, at) => {
    assert.deepEqual(patterns.weights, expected[at]?.patterns.weights);
    assert.deepEqual(spread, expected[at]?.spread);
  });
});

test('an encoder with a decoder: self and cross attention are averaged, the decoder’s prompt given once for all', async () => {
  const engine = await opened(join(cellsFolder, 't5/torch-20.onnx'));
  const prompts = [[5, 9, 33, 17], [5, 33, 17, 4]];
  const { run, towers } = await engine.averagePatterns({ prompts: prompts.map(ids), others: { dec: [ids([3, 7])] } }, quiet);
  assert.deepEqual(Object.entries(towers).map(([name, tokens]) => [name, tokens.length]), [['enc', 4], ['dec', 2]]);
  const own = { tower: 'dec.', attention: 'cross', layer: 0 } as const;
  const mean = await engine.patternTile({ run, ...own, head: 1, ...all }, quiet);
  assert.deepEqual([mean.rows, mean.cols], [2, 4]);
  const singles: Float32Array[] = [];
  for (const prompt of prompts) {
    const one = await engine.run({ prompt: ids(prompt), prompts: { dec: ids([3, 7]) }, patterns: true }, quiet);
    singles.push((await engine.patternTile({ run: one.run, ...own, head: 1, ...all }, quiet)).values);
  }
  mean.values.forEach((value, cell) => assert.ok(Math.abs(value - ((singles[0]?.[cell] ?? NaN) + (singles[1]?.[cell] ?? NaN)) / 2) < 1e-6, `cell ${cell}`));
});
