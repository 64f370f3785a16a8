/** The induction example shows what its README promises, on the heads that it names. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LayerPatterns, Prompt, RunProgress } from '../../src/shared/protocol/engineApi.ts';
import { engineHandlers } from '../../src/engine/server.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'examples/induction');
const model = join(folder, 'induction.onnx');
const read = (path: string): string => readFileSync(path, 'utf8');

interface Scores {
  readonly address: string;
  readonly previousToken: number;
  readonly induction: number;
}

/** What PyTorch measured on the file's own weights (training/induction/measure.py). */
const measured = JSON.parse(read(join(root, 'training/induction/measured.json'))) as {
  readonly period: number; readonly ids: readonly (readonly number[])[]; readonly heads: readonly Scores[];
  readonly loss: { readonly firstHalf: number; readonly secondHalf: number };
};
const readme = read(join(folder, 'README.md'));
/** Rows of the README's table: head, role, previous token, induction. */
const named = [...readme.matchAll(/^\| (L\dH\d) +\| (previous token|induction) +\| ([\d.]+) +\| ([\d.]+) +\|$/gm)].map(([, address = '', role = '', previousToken = '', induction = '']) =>
  ({ address, role, previousToken, induction }));
const prompts = read(join(folder, 'prompts.txt')).trimEnd().split('\n');

const withRole = (role: string): readonly string[] => named.filter((row) => row.role === role).map((row) => row.address);
const context = { signal: new AbortController().signal, progress: () => undefined };

/** The patterns that the engine streams while it runs, whole as prompts of up to 64 tokens have them. */
async function layersOf(engine: ReturnType<typeof engineHandlers>, prompt: Prompt): Promise<{ readonly layers: readonly LayerPatterns[]; readonly predicted: string | undefined }> {
  const layers: LayerPatterns[] = [];
  const progress = (body: unknown): void => {
    const step = body as RunProgress;
    if (step.kind === 'stage') layers.push(...step.layers);
  };
  const result = await engine.run({ prompt, patterns: true }, { ...context, progress });
  return { layers, predicted: result.predictions?.top[0]?.text };
}

/** TransformerLens's scores on a start token and a stretch of `period` tokens, twice. */
function scoresOf(layers: readonly LayerPatterns[], period: number): readonly Scores[] {
  return layers.flatMap(({ layer, heads, rows, perRow, weights }) => Array.from({ length: heads }, (_, head) => {
    const mean = (first: number, back: number): number => {
      const found = Array.from({ length: rows - first }, (_row, index) => weights[(head * rows + first + index) * perRow + first + index - back] ?? NaN);
      return found.reduce((sum, weight) => sum + weight, 0) / found.length;
    };
    return { address: `L${layer}H${head}`, previousToken: mean(1, 1), induction: mean(period + 1, period - 1) };
  }));
}

async function opened(): Promise<ReturnType<typeof engineHandlers>> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  const { towers, refused, tokenizer } = await engine.open({ path: model, tokenizer: null }, context);
  assert.deepEqual(refused, []);
  assert.ok(!('missing' in tokenizer), 'its tokenizer is found');
  assert.deepEqual([towers[0]?.layers, towers[0]?.heads, towers[0]?.dMlp, towers[0]?.context, towers[0]?.causal], [2, 8, null, 64, true]);
  return engine;
}

test('the scores of every head are those that PyTorch measured on the same ids', async () => {
  const engine = await opened();
  const sums = new Map<string, { previousToken: number; induction: number }>();
  for (const ids of measured.ids) {
    for (const scores of scoresOf((await layersOf(engine, { kind: 'ids', ids })).layers, measured.period)) {
      const sum = sums.get(scores.address) ?? { previousToken: 0, induction: 0 };
      sums.set(scores.address, { previousToken: sum.previousToken + scores.previousToken, induction: sum.induction + scores.induction });
    }
  }
  assert.equal(sums.size, measured.heads.length);
  for (const expected of measured.heads) {
    for (const score of ['previousToken', 'induction'] as const) {
      const actual = (sums.get(expected.address)?.[score] ?? NaN) / measured.ids.length;
      assert.ok(Math.abs(actual - expected[score]) < 1e-4, `${score} of ${expected.address}: ${actual} here, ${expected[score]} in PyTorch`);
    }
  }
  await engine.release({}, context);
});

test('the README names every head that stands out, and no other, with the scores as measured', () => {
  assert.ok(withRole('previous token').length > 0 && withRole('induction').length > 0, 'the README has a table of heads');
  for (const { address, previousToken, induction } of measured.heads) {
    const row = named.find((candidate) => candidate.address === address);
    const role = previousToken > 0.5 ? 'previous token' : induction > 0.5 ? 'induction' : undefined;
    assert.equal(row?.role, role, `${address} looks back by one with ${previousToken}, and behind the last time with ${induction}`);
    if (row) assert.deepEqual([row.previousToken, row.induction], [previousToken.toFixed(2), induction.toFixed(2)], `scores of ${address}`);
  }
  for (const half of ['firstHalf', 'secondHalf'] as const) assert.ok(readme.includes(measured.loss[half].toFixed(2)), `the README tells the loss of the ${half}`);
});

for (const prompt of prompts) {
  test(`"${prompt.slice(0, 24)}…": the stripe is on the heads that the README names, and on no other`, async () => {
    const engine = await opened();
    const { tokens } = await engine.tokenize({ prompt: { kind: 'text', text: prompt, special: true } }, context);
    const words = prompt.split(' ');
    assert.deepEqual(tokens.map((token) => token.text), ['<bos>', ...words], 'a token a word, behind the start token');
    const period = words.indexOf(words[0] ?? '', 1);
    assert.ok(period >= 5 && words.every((word, index) => index < period || word === words[index - period]), 'the prompt repeats itself');
    const { layers, predicted } = await layersOf(engine, { kind: 'text', text: prompt, special: true });
    for (const scores of scoresOf(layers, period)) {
      const isInduction = withRole('induction').includes(scores.address);
      assert.ok(isInduction ? scores.induction > 0.35 : scores.induction < 0.2, `${scores.address} attends behind the last time with ${scores.induction}`);
      const isPrevious = withRole('previous token').includes(scores.address);
      assert.ok(isPrevious ? scores.previousToken > 0.5 : scores.previousToken < 0.25, `${scores.address} attends to the token before with ${scores.previousToken}`);
    }
    assert.equal(predicted, words[words.length - period], 'it says the word that came next the last time');
    await engine.release({}, context);
  });
}
