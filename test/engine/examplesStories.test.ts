/** The stories example does what its README says, with the heads that it names. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CaptureResult, Prompt } from '../../src/shared/protocol/engineApi.ts';
import { engineHandlers } from '../../src/engine/server.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'examples/stories');
const read = (path: string): string => readFileSync(path, 'utf8');

const ROLES = ['previousToken', 'duplicateToken', 'induction'] as const;
type Scores = Readonly<Record<(typeof ROLES)[number], number>>;

interface Measured {
  readonly period: number;
  readonly ids: readonly (readonly number[])[];
  readonly heads: readonly (Scores & { readonly address: string; readonly direct: number })[];
  readonly prompts: readonly { readonly text: string; readonly answer: string; readonly subject: string; readonly difference: number }[];
  readonly indirectObjects: { readonly all: { readonly first: number; readonly meanLogitDifference: number } };
  readonly inductionOnMadeUpNames: { readonly firstTime: number; readonly thirdTime: number };
  readonly inductionOnNameLists: { readonly first: number; readonly lossFirstTime: number; readonly lossAgain: number };
  readonly inductionOnSurnames: { readonly first: number };
  readonly closingQuotationMarks: { readonly firstWhereOpen: number; readonly firstWhereClosed: number };
}

/** What PyTorch measured on the file's own weights (training/stories/measure.py). */
const measured = JSON.parse(read(join(root, 'training/stories/measured.json'))) as Measured;
const readme = read(join(folder, 'README.md'));
const context = { signal: new AbortController().signal, progress: () => undefined };
type Engine = ReturnType<typeof engineHandlers>;

async function opened(): Promise<Engine> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  const { towers, refused, tokenizer } = await engine.open({ path: join(folder, 'stories.onnx'), tokenizer: null }, context);
  assert.deepEqual(refused, []);
  assert.ok(!('missing' in tokenizer), 'its tokenizer is found');
  assert.deepEqual([towers[0]?.layers, towers[0]?.heads, towers[0]?.dMlp, towers[0]?.context, towers[0]?.causal], [4, 8, 1024, 256, true]);
  return engine;
}

const capture = async (engine: Engine, prompts: readonly Prompt[], taps: readonly string[]): Promise<CaptureResult> =>
  await engine.capture({ prompts, taps, top: 1, values: true }, context);

/** Means over rows of [row, head, dest, src], in the cells (dest, dest - back) from `first` on. */
function stripe(shape: readonly number[], data: Float32Array, head: number, first: number, back: number): number {
  const [rows = 0, heads = 0, length = 0] = shape;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    for (let dest = first; dest < length; dest++) sum += data[((row * heads + head) * length + dest) * length + dest - back] ?? NaN;
  }
  return sum / (rows * (length - first));
}

test('the scores of every head are those that PyTorch measured on the same random words, said twice', async () => {
  const engine = await opened();
  const { period } = measured;
  const { taps } = await capture(engine, measured.ids.map((ids) => ({ kind: 'ids', ids })), ['blocks.*.attn.hook_pattern']);
  assert.equal(measured.heads.length, 32);
  for (const expected of measured.heads) {
    const [, layer = '', head = ''] = /^L(\d)H(\d)$/.exec(expected.address) ?? [];
    const pattern = taps[`blocks.${layer}.attn.hook_pattern`];
    assert.ok(pattern?.data, `the pattern of layer ${layer}`);
    const { shape, data } = pattern;
    const score = (first: number, back: number): number => stripe(shape, data, Number(head), first, back);
    const actual: Scores = { previousToken: score(1, 1), duplicateToken: score(period + 1, period), induction: score(period + 1, period - 1) };
    for (const role of ROLES) {
      assert.ok(Math.abs(actual[role] - expected[role]) < 2e-4, `${role} of ${expected.address}: ${actual[role]} here, ${expected[role]} in PyTorch`);
    }
  }
  await engine.release({}, context);
});

test('what each head adds to the answer’s logit, over the other name’s, is what PyTorch measured on the 100 prompts', async () => {
  const engine = await opened();
  const sums = new Map<string, number>();
  for (const { text, answer, subject, difference } of measured.prompts) {
    const { parts, logit, remainder, tolerance } = await engine.attribution({ prompt: { kind: 'text', text, special: true }, target: ` ${answer}`, distractor: ` ${subject}` }, context);
    assert.ok(Math.abs((logit[0] ?? NaN) - difference) < 2e-4, `${text}: ${logit[0] ?? NaN} here, ${difference} in PyTorch`);
    assert.ok(Math.abs(remainder[0] ?? NaN) < tolerance, `${text}: ${remainder[0] ?? NaN} is left`);
    for (const { address, values } of parts) sums.set(address, (sums.get(address) ?? 0) + (values[0] ?? NaN));
  }
  for (const { address, direct } of measured.heads) {
    const mean = (sums.get(address) ?? NaN) / measured.prompts.length;
    assert.ok(Math.abs(mean - direct) < 2e-4, `${address}: ${mean} here, ${direct} in PyTorch`);
  }
  await engine.release({}, context);
});

test('indirect objects: the answer is the first prediction in at least 95 of 100 held-out prompts, and by more than 3 on average', async () => {
  const engine = await opened();
  let [first, total] = [0, 0];
  for (const { text, answer, subject, difference } of measured.prompts) {
    const { rows, logits } = await capture(engine, [{ kind: 'text', text, special: true }], []);
    const [, length = 0, vocabulary = 0] = logits?.shape ?? [];
    const logitOf = async (name: string): Promise<number> => {
      const { tokens } = await engine.tokenize({ prompt: { kind: 'text', text: ` ${name}`, special: false } }, context);
      assert.equal(tokens.length, 1, `" ${name}" is one token`);
      return logits?.data[(length - 1) * vocabulary + (tokens[0]?.id ?? NaN)] ?? NaN;
    };
    const actual = (await logitOf(answer)) - (await logitOf(subject));
    assert.ok(Math.abs(actual - difference) < 1e-3, `"${text}": ${answer} exceeds ${subject} by ${actual} here, by ${difference} in PyTorch`);
    if (rows[0]?.predictions.at(-1)?.top[0]?.text === ` ${answer}`) first++;
    total += actual;
  }
  assert.equal(measured.prompts.length, 100);
  assert.equal(first, Math.round(100 * measured.indirectObjects.all.first));
  assert.ok(first >= 95, `${first} of 100`);
  assert.ok(total / 100 > 3, `by ${total / 100} on average`);
  await engine.release({}, context);
});

test('the README tells what was measured', () => {
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  const { indirectObjects, inductionOnMadeUpNames, inductionOnNameLists, inductionOnSurnames, closingQuotationMarks } = measured;
  const told = [
    `in ${Math.round(100 * indirectObjects.all.first)}; mean logit difference to the other name ${indirectObjects.all.meanLogitDifference.toFixed(2)}`,
    `${percent(inductionOnMadeUpNames.thirdTime)} against ${percent(inductionOnMadeUpNames.firstTime)}`,
    `${percent(inductionOnNameLists.first)}; loss ${inductionOnNameLists.lossAgain.toFixed(2)} against ${inductionOnNameLists.lossFirstTime.toFixed(2)}`,
    `${Math.round(100 * inductionOnSurnames.first)} of 100`,
    `in ${Math.round(100 * closingQuotationMarks.firstWhereOpen)} where open`,
    `in ${Math.round(100 * closingQuotationMarks.firstWhereClosed)} where closed`,
  ];
  for (const words of told) assert.ok(readme.includes(words), `the README says "${words}"`);
});

test('the README names every head that looks back with more than 0.4 of its attention, and no other, with the scores as measured', () => {
  const names = { previousToken: 'previous token', duplicateToken: 'duplicate token', induction: 'induction' } as const;
  const expected = measured.heads.flatMap((head) => ROLES.filter((role) => head[role] > 0.4).map((role) => `| ${head.address} | ${names[role]} | ${head[role].toFixed(2)} |`));
  const rows = [...readme.matchAll(/^\| L\dH\d \| (?:previous token|duplicate token|induction) \| [\d.]+ \|/gm)].map(([row]) => row);
  assert.deepEqual(rows.toSorted(), expected.toSorted());
});
