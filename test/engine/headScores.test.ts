/** Scores of heads are those of TransformerLens's head_detector on the same weights (training/heads/make_goldens.py), and what cannot be measured is said. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { engineHandlers } from '../../src/engine/server.ts';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { DetectionPattern, HeadKind, HeadScores, HeadScoresParams, HeadScoresProgress, ScoreMeasure } from '../../src/shared/protocol/headApi.ts';
import type { Prompt } from '../../src/shared/protocol/engineApi.ts';
import { manyHeads } from '../lib/manyHeads.ts';
import { model, modelBytes } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixture, fixtureFolder, maxAbs } from './fixtures.ts';
import { cellGoldens } from './lib/cells.ts';
import { refusal } from './lib/refusal.ts';

const EQUAL = 1e-4;
/** Means over few rows of other random words. */
const NEAR = 0.05;
const root = join(import.meta.dirname, '../..');
const scratch = new Scratch();
const quiet = { signal: new AbortController().signal, progress: (): void => undefined };

interface GoldenCase {
  readonly subject: string;
  readonly values: string;
  readonly text: 'prompts' | 'repeated';
  readonly pattern: HeadKind | 'drawn';
  readonly measure: ScoreMeasure;
  readonly prompts?: readonly number[];
  readonly excludeBos?: boolean;
  readonly excludeCurrentToken?: boolean;
  readonly seed?: number;
  readonly rows?: number;
  readonly period?: number;
  readonly start?: readonly number[];
}

interface Goldens {
  readonly subjects: Readonly<Record<string, { readonly model: string; readonly prompts: readonly (readonly number[])[] }>>;
  readonly cases: readonly GoldenCase[];
}

const goldens = JSON.parse(readFileSync(join(fixtureFolder, 'heads/goldens.json'), 'utf8')) as Goldens;

type Engine = ReturnType<typeof engineHandlers>;

async function opened(path: string): Promise<Engine> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  await engine.open({ path, tokenizer: null }, quiet);
  return engine;
}

/** Without a tokenizer every id may be drawn, as the goldens draw them. The cells have none; the example's own is left behind. */
function withoutTokenizer(path: string): string {
  if (!path.includes('examples')) return path;
  const copy = scratch.path('alone.onnx');
  copyFileSync(path, copy);
  return copy;
}

const ids = (list: readonly number[]): Prompt => ({ kind: 'ids', ids: list });
const onPrompts = (...prompts: readonly (readonly number[])[]): HeadScoresParams['text'] => ({ kind: 'prompts', prompts: prompts.map(ids) });

async function scores(engine: Engine, params: HeadScoresParams, progress: (body: HeadScoresProgress) => void = () => undefined, signal = quiet.signal): Promise<HeadScores> {
  return await engine.headScores(params, { signal, progress: (body) => progress(body as HeadScoresProgress) });
}

/** [layers, heads] of one pattern. */
function table({ layers }: HeadScores, pattern = 0): readonly number[] {
  return layers.flatMap(({ heads, values }) => [...values.subarray(pattern * heads, (pattern + 1) * heads)]);
}

for (const [subject, { model: file, prompts }] of Object.entries(goldens.subjects)) {
  test(`${subject}: every score is TransformerLens's within ${EQUAL}`, async () => {
    const tensors = readSafetensors(readFileSync(join(fixtureFolder, 'heads', `${subject}.safetensors`)));
    const golden = (key: string): Float32Array => {
      const tensor = tensors.get(key);
      assert.ok(tensor, `${subject} has a golden ${key}`);
      return toFloat32(tensor);
    };
    const engine = await opened(withoutTokenizer(join(root, file)));
    let cases = 0;
    for (const one of goldens.cases.filter((candidate) => candidate.subject === subject)) {
      const { pattern, measure, excludeBos = false, excludeCurrentToken = false, prompts: asked = [], seed = 0, rows = 1, period = 2, start = [] } = one;
      const size = prompts[asked[0] ?? 0]?.length ?? 0;
      const held: DetectionPattern = pattern === 'drawn' ? { kind: 'drawn', name: 'drawn', size, values: golden(`drawn${asked[0] ?? 0}`) } : { kind: pattern };
      const text: HeadScoresParams['text'] = one.text === 'prompts' ? onPrompts(...asked.map((index) => prompts[index] ?? [])) : { kind: 'repeated', seed, rows, period, start };
      const found = await scores(engine, { text, patterns: [held], measure, excludeBos, excludeCurrentToken });
      const difference = maxAbs(table(found), golden(one.values));
      assert.ok(difference < EQUAL, `${JSON.stringify({ ...one, subject })}: differs by ${difference}`);
      cases++;
    }
    assert.ok(cases > 100, `${cases} cases were compared`);
    await engine.release({}, quiet);
  });
}

test('the heads that were measured in PyTorch when the example was trained are found on random tokens', async () => {
  const engine = await opened(join(root, 'examples/induction/induction.onnx'));
  const found = await scores(engine, { text: { kind: 'repeated', rows: 16, period: 25 } });
  // examples/induction/README.md; other random words, so not to the last decimal.
  const [previous, , induction] = [0, 1, 2].map((pattern) => table(found, pattern));
  for (const [head, score] of [[2, 0.7], [5, 0.64]] as const) assert.ok(Math.abs((previous?.[head] ?? NaN) - score) < NEAR, `L0H${head} has ${previous?.[head] ?? NaN}`);
  for (const [head, score] of [[0, 0.73], [1, 0.75], [3, 0.75], [7, 0.73]] as const) assert.ok(Math.abs((induction?.[8 + head] ?? NaN) - score) < NEAR, `L1H${head} has ${induction?.[8 + head] ?? NaN}`);
  assert.deepEqual(found.protocol.repeated?.map(({ tower, period, start, end }) => ({ tower, period, start, end })), [{ tower: '', period: 25, start: [1], end: [] }], 'the tokenizer’s start token stands in front');
  assert.deepEqual(found.protocol.patterns.map(({ name, offset }) => [name, offset]), [['previousToken', -1], ['duplicateToken', -25], ['induction', -24], ['currentToken', 0], ['firstToken', null]]);
});

test('the stretch is as long as the context allows, and another length is refused with what it may be', async () => {
  const engine = await opened(join(root, 'examples/induction/induction.onnx'));
  const { protocol } = await scores(engine, { text: { kind: 'repeated', rows: 1 } });
  assert.equal(protocol.repeated?.[0]?.period, 31, 'the context holds 64 tokens, one of them <bos>');
  assert.match((await refusal(scores(engine, { text: { kind: 'repeated', period: 32 } }))).message, /cannot have 32 tokens: this model takes 2 to 31 tokens/);
  assert.match((await refusal(scores(engine, { text: { kind: 'repeated', rows: 0 } }))).message, /1 to 1000 rows/);
});

test('layers are told as they come, and the last word of each is the result', async () => {
  const engine = await opened(fixture('gpt2-sdpa-20').path);
  const told: HeadScoresProgress[] = [];
  const found = await scores(engine, { text: { kind: 'repeated', rows: 30, period: 8 } }, (body) => told.push(body));
  assert.equal(told[0]?.kind, 'started');
  const layers = told.flatMap((body) => (body.kind === 'layer' ? [body] : []));
  assert.ok(layers.length > found.layers.length, 'more than one batch was run');
  assert.equal(layers.at(-1)?.done, layers.at(-1)?.of);
  for (const layer of found.layers) assert.deepEqual(layers.findLast(({ scores: one }) => one.layer === layer.layer)?.scores, layer);
});

test('a cancel ends the scoring between two stages', async () => {
  const engine = await opened(fixture('gpt2-sdpa-20').path);
  const controller = new AbortController();
  const error = await refusal(scores(engine, { text: { kind: 'repeated' } }, (body) => {
    if (body.kind === 'layer') controller.abort();
  }, controller.signal));
  assert.equal(error.code, 'cancelled');
});

test('a kept run is scored without running it again, and gives what its prompt gives', async () => {
  const engine = await opened(fixture('gpt2-sdpa-20').path);
  const prompt = [1, 5, 9, 5, 1, 5, 9];
  const { run } = await engine.run({ prompt: ids(prompt), patterns: true }, quiet);
  const sessions = (await engine.status({}, quiet)).sessions;
  const kept = await scores(engine, { text: { kind: 'run', run } });
  assert.equal((await engine.status({}, quiet)).sessions, sessions, 'no session was made');
  const again = await scores(engine, { text: onPrompts(prompt) });
  for (let pattern = 0; pattern < 5; pattern++) assert.deepEqual(table(kept, pattern), table(again, pattern));
  const bare = await engine.run({ prompt: ids(prompt), patterns: false }, quiet);
  assert.match((await refusal(scores(engine, { text: { kind: 'run', run: bare.run } }))).message, /kept no patterns/);
  assert.match((await refusal(scores(engine, { text: { kind: 'run', run: 99 } }))).message, /no longer kept/);
});

test('of one token only itself can be measured, and the rest is said not to be', async () => {
  const engine = await opened(fixture('gpt2-sdpa-20').path);
  const found = await scores(engine, { text: onPrompts([3]) });
  assert.ok([0, 1, 2].every((pattern) => table(found, pattern).every(Number.isNaN)), 'nothing is made up');
  for (const pattern of [3, 4]) for (const score of table(found, pattern)) assert.equal(score, 1);
  assert.deepEqual(found.notes, [
    'Previous token is not measured: there is one token only', 'Duplicate token is not measured: no token comes twice', 'Induction is not measured: nothing stands behind a token that comes twice',
  ]);
  const both = await scores(engine, { text: onPrompts([3], [1, 5, 1, 5]) });
  const alone = await scores(engine, { text: onPrompts([1, 5, 1, 5]) });
  assert.deepEqual(table(both, 2), table(alone, 2), 'a text in which nothing repeats does not dilute the score');
  assert.ok(both.notes.includes('Induction is measured on 1 of 2 texts: in the others nothing stands behind a token that comes twice'), both.notes.join('\n'));
});

test('drawn patterns that do not fit are refused with why', async () => {
  const engine = await opened(fixture('gpt2-sdpa-20').path);
  const draw = (size: number, values: readonly number[]): HeadScoresParams => ({ text: onPrompts([1, 2, 3]), patterns: [{ kind: 'drawn', name: 'mine', size, values: Float32Array.from(values) }] });
  assert.match((await refusal(scores(engine, draw(2, [1, 0, 0, 1])))).message, /“mine” is 2 by 2, and the text has 3 tokens/);
  assert.match((await refusal(scores(engine, draw(3, [1, 0, 0, 1])))).message, /not square: it has 4 cells/);
  assert.match((await refusal(scores(engine, draw(3, [1, 0, 0, 0, 1, 0.5, 0, 0, 1])))).message, /from token 1 ahead to token 2/);
  assert.match((await refusal(scores(engine, draw(3, [1, 0, 0, NaN, 1, 0, 0, 0, 1])))).message, /no number/);
  assert.match((await refusal(scores(engine, { text: onPrompts([1, 2, 3]), patterns: [{ kind: 'offset', offset: 2 }] }))).message, /2 tokens ahead/);
  const away = await scores(engine, { text: onPrompts([1, 2, 3]), patterns: [{ kind: 'offset', offset: -7 }] });
  assert.deepEqual(away.notes, ['Offset -7 is not measured: there are fewer tokens than that']);
  assert.match((await refusal(scores(engine, { text: { kind: 'prompts', prompts: [] } }))).message, /no prompt/);
});

test('where attention looks both ways, so do duplicates, and nothing is ahead of what may be seen', async () => {
  const engine = await opened(fixture('bert-sdpa-20').path);
  const found = await scores(engine, { text: onPrompts([4, 7, 4, 9]), patterns: [{ kind: 'duplicateToken' }, { kind: 'offset', offset: 1 }], measure: 'rows' });
  const { run } = await engine.run({ prompt: ids([4, 7, 4, 9]), patterns: true }, quiet);
  for (const { layer, heads } of found.layers) {
    for (let head = 0; head < heads; head++) {
      const { values } = await engine.patternTile({ run, tower: '', attention: 'self', layer, head, row: 0, rows: 4, col: 0, cols: 4 }, quiet);
      const at = (dest: number, src: number): number => values[dest * 4 + src] ?? NaN;
      assert.ok(Math.abs((found.layers[layer]?.values[head] ?? NaN) - (at(0, 2) + at(2, 0)) / 2) < EQUAL, `duplicates of L${layer}H${head}`);
      assert.ok(Math.abs((found.layers[layer]?.values[heads + head] ?? NaN) - (at(0, 1) + at(1, 2) + at(2, 3)) / 3) < EQUAL, `the next token of L${layer}H${head}`);
    }
  }
});

test('an encoder with a decoder has its own random tokens for each; of cross attention only what is about positions is scored', async () => {
  const engine = await opened(join(fixtureFolder, 'cells/t5/torch-20.onnx'));
  const found = await scores(engine, { text: { kind: 'repeated', rows: 2, period: 6 } });
  assert.deepEqual(found.protocol.repeated?.map(({ tower }) => tower), ['enc', 'dec']);
  assert.deepEqual([...new Set(found.layers.map(({ tower, attention }) => `${tower}${attention}`))], ['enc.self', 'dec.self', 'dec.cross']);
  const shares = (scores: readonly number[]): boolean => scores.every((score) => score >= 0 && score <= 1 + 1e-5);
  for (const { attention, heads, values } of found.layers) {
    const kinds = [0, 1, 2, 3, 4].map((pattern) => [...values.subarray(pattern * heads, (pattern + 1) * heads)]);
    kinds.forEach((own, pattern) => assert.ok(attention === 'cross' && pattern < 3 ? own.every(Number.isNaN) : shares(own), `${attention}, pattern ${pattern}: ${own.join()}`));
  }
  assert.ok(found.notes.includes('Cross attention reads another text, so it is scored by position there: current token, first token; previous token, duplicate token, induction have no meaning between two texts'), found.notes.join('\n'));
});

test('BART: cross attention on its first token, the same position and a stated distance is what PyTorch’s patterns give', async () => {
  const golden = cellGoldens('bart');
  const row = (name: string): readonly number[] => {
    const tensor = golden.get(name);
    assert.ok(tensor, `there is a golden ${name}`);
    return [...toFloat32(tensor)].slice(0, tensor.dims[1]);
  };
  const [enc, dec] = [row('input.input_ids'), row('input.decoder_input_ids')];
  const engine = await opened(join(fixtureFolder, 'cells/bart/torch-20.onnx'));
  const patterns: readonly DetectionPattern[] = [{ kind: 'firstToken' }, { kind: 'currentToken' }, { kind: 'offset', offset: -1 }];
  const text: HeadScoresParams['text'] = { kind: 'prompts', prompts: [ids(enc)], others: { dec: [ids(dec)] } };
  const places: readonly ((dest: number) => number)[] = [() => 0, (dest) => dest, (dest) => dest - 1];
  for (const measure of ['rows', 'mul'] as const) {
    const found = await scores(engine, { text, patterns, measure });
    const cross = found.layers.filter(({ attention }) => attention === 'cross');
    assert.ok(cross.length > 0);
    for (const { layer, heads, values } of cross) {
      const pattern = golden.get(`dec.blocks.${layer}.cross_attn.hook_pattern`);
      assert.ok(pattern);
      const weights = toFloat32(pattern);
      const at = (head: number, dest: number, src: number): number => weights[(head * dec.length + dest) * enc.length + src] ?? NaN;
      for (let head = 0; head < heads; head++) {
        places.forEach((place, index) => {
          const inside = dec.map((_, dest) => dest).filter((dest) => place(dest) >= 0 && place(dest) < enc.length);
          const sum = inside.reduce((made, dest) => made + at(head, dest, place(dest)), 0);
          const expected = sum / (measure === 'rows' ? inside.length : dec.length);
          const own = values[index * heads + head] ?? NaN;
          assert.ok(Math.abs(own - expected) < EQUAL, `${measure}, pattern ${index} of dec.L${layer}X${head}: ${own}, ${expected} by PyTorch`);
        });
      }
    }
  }
});

test('a model that takes images is refused', async () => {
  const engine = await opened(join(fixtureFolder, 'cells/vit/torch-20.onnx'));
  assert.match((await refusal(scores(engine, { text: { kind: 'repeated' } }))).message, /reads no tokens/);
});

test('a thousand heads in one layer', async () => {
  const HEADS = 1000;
  const engine = await opened(scratch.write('thousand.onnx', modelBytes(model(manyHeads(HEADS)))));
  const found = await scores(engine, { text: { kind: 'repeated', rows: 3, period: 20 } });
  assert.deepEqual(found.layers.map(({ heads, values }) => [heads, values.length]), [[HEADS, 5 * HEADS]]);
  assert.ok(found.layers.every(({ values }) => values.every(Number.isFinite)));
  assert.ok(new Set(table(found, 2).map((score) => score.toFixed(6))).size > HEADS / 2, 'heads have scores of their own');
});
