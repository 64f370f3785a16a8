/** Roles of heads: the numbers behind them are PyTorch's and those of experiments, and they name the heads that the examples' READMEs name. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Ablation } from '../../src/shared/experiment/experiment.ts';
import type { Role, RolesReport } from '../../src/shared/roles/roles.ts';
import { glancesOf } from '../../src/engine/analysis/roles/repeats.ts';
import { lookAt } from '../../src/engine/methods/roles/looks.ts';
import { silenceHeads } from '../../src/engine/methods/roles/silence.ts';
import { runExperiment } from '../../src/engine/methods/experiment/experiment.ts';
import { derangement } from '../../src/shared/experiment/random.ts';
import { towerTokens } from '../../src/engine/methods/prompt.ts';
import { engineHandlers } from '../../src/engine/server.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { cellsOf } from '../../src/shared/experiment/strongest.ts';

const root = join(import.meta.dirname, '../..');
const settings = { threads: 1, weightBudget: 1e9 };
const { signal } = new AbortController();
const context = { signal, progress: () => undefined };
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

type Scores = Readonly<Record<'previousToken' | 'duplicateToken' | 'induction', number | undefined>> & { readonly address: string };
interface Measured {
  readonly period: number;
  readonly ids: readonly (readonly number[])[];
  readonly heads: readonly Scores[];
}

const scoreOf = { 'previous-token': 'previousToken', 'duplicate-token': 'duplicateToken', induction: 'induction' } as const;
const examples = ['induction', 'stories'] as const;
const modelOf = (example: string): string => join(root, `examples/${example}/${example}.onnx`);

async function reportOf(path: string, change: { readonly rows?: number; readonly seed?: number } = {}): Promise<RolesReport> {
  const engine = engineHandlers(settings);
  await engine.open({ path, tokenizer: null }, context);
  try {
    return await engine.roles({ rows: 16, period: 25, seed: 0, ...change }, context);
  } finally {
    await engine.release({}, context);
  }
}

const namedIn = (report: RolesReport, role: Role): readonly string[] => report.findings.find((finding) => finding.role === role)?.heads.filter(({ holds }) => holds).map(({ address }) => address) ?? [];

for (const example of examples) {
  test(`${example}: attention to the named places is what PyTorch measured on the same ids`, async () => {
    const { ids, period, heads } = JSON.parse(read(`training/${example}/measured.json`)) as Measured;
    const session = await ModelSession.open(modelOf(example), null, settings);
    const [tower] = session.anatomy.towers;
    assert.ok(tower);
    const attention = await lookAt(session, tower, ids.map((row) => ({ tokens: towerTokens(session, { kind: 'ids', ids: row }), at: glancesOf(1, period) })), () => undefined, signal);
    for (const head of heads) {
      for (const [role, score] of Object.entries(scoreOf) as [keyof typeof scoreOf, (typeof scoreOf)[keyof typeof scoreOf]][]) {
        const expected = head[score];
        if (expected === undefined) continue;
        const actual = attention(role, head.address);
        assert.ok(Math.abs(actual - expected) < 2e-4, `${role} of ${head.address}: ${actual} here, ${expected} in PyTorch`);
      }
    }
    await session.close();
  });

  test(`${example}: the heads with a role are those of the README, whatever the seed`, async () => {
    const rows = [...read(`examples/${example}/README.md`).matchAll(/^\| (L\dH\d) \| (previous token|induction) +\|/gm)];
    const named = (role: string): readonly string[] => rows.filter(([, , told]) => told === role).map(([, address = '']) => address);
    assert.ok(named('previous token').length === 2 && named('induction').length >= 2, 'the README has a table of heads');
    for (const seed of [0, 7]) {
      const report = await reportOf(modelOf(example), { seed });
      assert.deepEqual(namedIn(report, 'previous-token'), named('previous token'), `previous token, seed ${seed}`);
      assert.deepEqual(namedIn(report, 'induction'), named('induction'), `induction, seed ${seed}`);
      assert.deepEqual(namedIn(report, 'duplicate-token'), [], `duplicate token, seed ${seed}`);
      for (const { role, heads } of report.findings) {
        for (const { address, attentionControl, effectControl } of heads) assert.ok(attentionControl < 0.15 && Math.abs(effectControl) < 0.15, `${role}, controls of ${address}: ${attentionControl}, ${effectControl}`);
      }
    }
  });
}

test('what is lost without a head is what an ablation says, and its control what the ablation says of another pair’s tokens', async () => {
  const { ids } = JSON.parse(read('training/induction/measured.json')) as Measured;
  const session = await ModelSession.open(modelOf('induction'), null, settings);
  const pairs = ids.slice(0, 4).map((row) => ({ clean: row, target: row.at(-1) ?? 0, distractor: row[3] ?? 0 }));
  const experiment: Ablation = { kind: 'ablation', model: '', pairs, metric: 'logit-difference', position: -2, special: false, expect: [], sites: ['z'], by: 'head', ablate: 'mean', together: [], seed: 5 };
  const order = derangement(pairs.length, 5);
  const exchanged: Ablation = { ...experiment, pairs: pairs.map(({ clean }, index) => ({ clean, target: pairs[order[index] ?? 0]?.target ?? 0, distractor: pairs[order[index] ?? 0]?.distractor ?? 0 })) };
  const { heads, clean } = await silenceHeads(session, experiment, { step: () => undefined, cells: () => undefined }, signal);
  const effects = async (of: Ablation): Promise<ReadonlyMap<string, number>> => {
    const { frame, ...values } = await runExperiment(session, { experiment: of }, () => undefined, signal);
    return new Map(cellsOf({ frame, values }).map(({ address, effect }) => [address, effect]));
  };
  const [own, other] = [await effects(experiment), await effects(exchanged)];
  assert.equal(clean.length, 4);
  assert.equal(heads.length, 16);
  assert.ok(heads.some((head) => head.own > 1), 'a head of this model is missed');
  for (const head of heads) {
    assert.ok(Math.abs(head.own + (own.get(head.address) ?? NaN)) < 1e-5, `${head.address}: ${head.own} lost, effect ${own.get(head.address)}`);
    assert.ok(Math.abs(head.other + (other.get(head.address) ?? NaN)) < 1e-5, `${head.address}, control: ${head.other} lost, effect ${other.get(head.address)}`);
  }
  await session.close();
});

test('a model that cannot complete what repeats has no head with a role, and says why', async () => {
  const report = await reportOf(join(root, 'test/fixtures/models/gpt2-sdpa-20/model.onnx'));
  for (const { role, untested, heads } of report.findings) {
    assert.match(untested ?? '', /does not tell what comes next/, role);
    assert.ok(heads.length > 0 && heads.every(({ holds }) => !holds), role);
  }
});

test('a stretch is as long as the context allows; models that do not continue a text are refused', async () => {
  assert.equal((await reportOf(modelOf('induction'), { rows: 2 })).repeats.period, 25);
  const engine = engineHandlers(settings);
  await engine.open({ path: modelOf('induction'), tokenizer: null }, context);
  assert.equal((await engine.roles({ rows: 2, period: 500, seed: 0 }, context)).repeats.period, 31, 'a start token and two stretches in 64 positions');
  await engine.open({ path: join(root, 'test/fixtures/models/bert-sdpa-18/model.onnx'), tokenizer: null }, context);
  await assert.rejects(async () => await engine.roles({ rows: 2, period: 25, seed: 0 }, context), /tested on models that continue a text/);
  await engine.release({}, context);
});
