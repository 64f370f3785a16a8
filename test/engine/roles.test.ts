/** Roles of heads: the numbers behind them are PyTorch's and those of experiments, and they name the heads that the examples' READMEs name. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Ablation } from '../../src/shared/experiment/experiment.ts';
import { fixed } from '../../src/shared/format.ts';
import type { RolesParams, RolesProgress } from '../../src/shared/protocol/rolesApi.ts';
import type { HeadFinding, Role, RolesReport } from '../../src/shared/roles/roles.ts';
import type { Detection } from '../../src/engine/analysis/scores/detections.ts';
import { detectionOf } from '../../src/engine/analysis/scores/detections.ts';
import { lookAt } from '../../src/engine/methods/roles/looks.ts';
import { lossesOf, othersOf } from '../../src/engine/methods/roles/losses.ts';
import { runExperiment } from '../../src/engine/methods/experiment/experiment.ts';
import { readPairs } from '../../src/engine/methods/experiment/pairs.ts';
import { openExperiment } from '../../src/experiments/experimentFile.ts';
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

async function reportOf(path: string, change: Partial<RolesParams> = {}): Promise<RolesReport> {
  const engine = engineHandlers(settings);
  await engine.open({ path, tokenizer: null }, context);
  try {
    return await engine.roles({ rows: 16, period: 25, seed: 0, pairs: null, ...change }, context);
  } finally {
    await engine.release({}, context);
  }
}

const namedIn = (report: RolesReport, role: Role): readonly string[] => report.findings.find((finding) => finding.role === role)?.heads.filter(({ holds }) => holds).map(({ address }) => address) ?? [];

/** As the engine looks, in rows of distinct tokens; measured.json has some that a stretch holds twice. */
function placesOf(row: readonly number[], period: number): Readonly<Record<keyof typeof scoreOf, Detection>> {
  const distinct = { ids: row.map((_, index) => (index === 0 ? 0 : 1 + ((index - 1) % period))), causal: true };
  return { 'previous-token': detectionOf({ kind: 'previousToken' }, distinct), 'duplicate-token': detectionOf({ kind: 'duplicateToken' }, distinct), induction: detectionOf({ kind: 'induction' }, distinct) };
}

for (const example of examples) {
  test(`${example}: attention to the named places is what PyTorch measured on the same ids`, async () => {
    const { ids, period, heads } = JSON.parse(read(`training/${example}/measured.json`)) as Measured;
    const session = await ModelSession.open(modelOf(example), null, settings);
    const looks = ids.map((row) => ({ tokens: towerTokens(session, { kind: 'ids', ids: row }), at: placesOf(row, period) }));
    const attention = await lookAt(session, looks, () => undefined, signal);
    for (const head of heads) {
      for (const [role, score] of Object.entries(scoreOf) as [keyof typeof scoreOf, (typeof scoreOf)[keyof typeof scoreOf]][]) {
        const expected = head[score];
        if (expected === undefined) continue;
        const actual = attention.of(role, head.address);
        assert.ok(Math.abs(actual - expected) < 2e-4, `${role} of ${head.address}: ${actual} here, ${expected} in PyTorch`);
      }
    }
    await session.close();
  });

  test(`${example}: the heads with a role are those of the README, whatever the seed`, async () => {
    const rows = [...read(`examples/${example}/README.md`).matchAll(/^\| (L\dH\d) \| (previous token|induction) +\|/gm)];
    const named = (role: string): readonly string[] => rows.filter(([, , told]) => told === role).map(([, address = '']) => address);
    assert.ok(named('previous token').length >= 1 && named('induction').length >= 2, 'the README has a table of heads');
    for (const seed of [0, 7]) {
      const report = await reportOf(modelOf(example), { seed });
      assert.deepEqual(namedIn(report, 'previous-token'), named('previous token'), `previous token, seed ${seed}`);
      const looking = report.findings.find((finding) => finding.role === 'induction')?.heads.filter(({ attention }) => attention > 0.35).map(({ address }) => address);
      assert.deepEqual(looking, named('induction'), `heads that look as induction heads do, seed ${seed}`);
      // The stories' twelve stand in for each other: hardly one of them is missed.
      const missed = namedIn(report, 'induction');
      assert.deepEqual(missed, example === 'induction' ? named('induction') : missed.filter((head) => head === 'L2H3'), `induction, seed ${seed}`);
      assert.deepEqual(namedIn(report, 'duplicate-token'), [], `duplicate token, seed ${seed}`);
      for (const { role, heads } of report.findings) {
        assert.ok(heads.length > 0 || role.includes('name') || role === 's-inhibition', role);
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
  const others = othersOf(readPairs(session, experiment));
  const exchanged: Ablation = { ...experiment, pairs: pairs.map(({ clean }, index) => ({ clean, target: others[index]?.target?.id ?? 0, distractor: others[index]?.distractor?.id ?? 0 })) };
  const { heads, clean } = await lossesOf(session, experiment, { step: () => undefined, cells: () => undefined }, signal);
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

/** What PyTorch measures of a model that was written by hand (training/circuit): who has which role is known beforehand. */
interface Circuit {
  readonly clean: number;
  readonly heads: readonly (Readonly<Record<'duplicate' | 'answer' | 'other' | 'second' | 'answerBeside' | 'otherBeside' | 'direct' | 'queries' | 'without' | 'beside', number>> & { readonly address: string })[];
}

async function pairsOf(path: string): Promise<NonNullable<RolesParams['pairs']>> {
  const { experiment } = await openExperiment(join(root, path));
  assert.ok(experiment, path);
  return experiment;
}

test('in a circuit written by hand each head has the role that it was written for, heads that only look alike have none, and all numbers are PyTorch’s', async () => {
  const report = await reportOf(join(root, 'test/fixtures/circuit/circuit.onnx'), { pairs: await pairsOf('test/fixtures/circuit/names.cogscope.json') });
  assert.deepEqual(['duplicate-name', 's-inhibition', 'name-mover', 'negative-name-mover', 'backup-name-mover'].map((role) => namedIn(report, role as Role)), [['L0H0'], ['L1H0'], ['L2H0', 'L2H1'], ['L2H2'], ['L3H0']]);
  const { clean, heads } = JSON.parse(read('test/fixtures/circuit/measured.json')) as Circuit;
  assert.ok(Math.abs((report.pairs?.clean ?? NaN) - clean) < 1e-4);
  const numbersOf = (role: Role, address: string): HeadFinding | undefined => report.findings.find((finding) => finding.role === role)?.heads.find((head) => head.address === address);
  for (const head of heads) {
    const preference = head.answer - head.other;
    const expected: Readonly<Partial<Record<Role, readonly [number, number]>>> = {
      'duplicate-name': [head.duplicate, head.without], 'name-mover': [preference, head.direct], 's-inhibition': [head.second, head.queries],
      'negative-name-mover': [head.direct < 0 ? preference : -preference, Math.abs(head.direct)],
      // Name movers are silent there already.
      ...(head.address === 'L2H0' || head.address === 'L2H1' ? {} : { 'backup-name-mover': [head.answerBeside - head.otherBeside, Math.min(head.beside, head.beside - head.without)] }),
    };
    for (const [role, [attention, effect]] of Object.entries(expected) as [Role, readonly [number, number]][]) {
      const actual = numbersOf(role, head.address);
      // A head that writes nothing lowers neither name: which of them it looks at says nothing.
      if (role !== 'negative-name-mover' || effect > 1e-3) assert.ok(Math.abs((actual?.attention ?? NaN) - attention) < 1e-4, `${role}, attention of ${head.address}: ${actual?.attention} here, ${attention} in PyTorch`);
      assert.ok(Math.abs((actual?.effect ?? NaN) - effect / clean) < 1e-4, `${role}, effect of ${head.address}: ${actual?.effect} here, ${effect / clean} in PyTorch`);
    }
  }
});

test('stories: a name mover and no other role of names, as the README says', async () => {
  const report = await reportOf(modelOf('stories'), { pairs: await pairsOf('examples/stories/experiments/objects-paths.cogscope.json'), rows: 2 });
  assert.deepEqual(namedIn(report, 'name-mover'), ['L1H5']);
  for (const role of ['duplicate-name', 'negative-name-mover', 's-inhibition', 'backup-name-mover'] as const) {
    assert.deepEqual([namedIn(report, role), report.findings.find((finding) => finding.role === role)?.untested], [[], null], role);
  }
  const of = (role: Role, address: string): HeadFinding => {
    const head = report.findings.find((finding) => finding.role === role)?.heads.find((one) => one.address === address);
    assert.ok(head, `${role} has numbers of ${address}`);
    return head;
  };
  const [mover, looking, inhibiting] = [of('name-mover', 'L1H5'), of('duplicate-name', 'L1H4'), of('s-inhibition', 'L0H5')];
  for (const words of [
    `looks at the answer with ${mover.attention.toFixed(2)} more of its attention than at Ben, and writes ${mover.effect.toFixed(2)} of the difference`,
    `by way of L1H5's queries alone is ${inhibiting.effect.toFixed(2)} of the difference`,
  ]) assert.ok(read('README.md').includes(words), `the README tells: ${words}`);
  const words = `(${looking.attention.toFixed(2)} on these prompts) and does nothing by it (${fixed(looking.effect, 3)})`;
  assert.ok(read('examples/stories/README.md').includes(words), `the stories' README tells: ${words}`);
});

test('pairs that name nothing say why, and leave the other roles as they are', async () => {
  const untestedFor = async (change: Partial<NonNullable<RolesParams['pairs']>>): Promise<string | null | undefined> => {
    const names = await pairsOf('test/fixtures/circuit/names.cogscope.json');
    const { findings } = await reportOf(join(root, 'test/fixtures/circuit/circuit.onnx'), { rows: 2, pairs: { pairs: names.pairs, position: names.position, special: names.special, ...change } });
    assert.ok(findings.every(({ heads }) => heads.length === 0));
    return findings.find(({ role }) => role === 'name-mover')?.untested;
  };
  const { pairs } = await pairsOf('test/fixtures/circuit/names.cogscope.json');
  const [first] = pairs;
  assert.ok(first);
  const { corrupted, distractor, ...alone } = first;
  assert.match(await untestedFor({ pairs: [first] }) ?? '', /one pair only/);
  assert.match(await untestedFor({ pairs: [first, { ...alone, ...(distractor === undefined ? {} : { distractor }) }] }) ?? '', /a corrupted prompt for each pair/);
  assert.match(await untestedFor({ pairs: [first, { ...alone, ...(corrupted === undefined ? {} : { corrupted }) }] }) ?? '', /in pair 2 no other name is given/);
  assert.match(await untestedFor({ pairs: [first, { ...first, target: 'hal' }] }) ?? '', /in pair 2 the target “hal” stands nowhere/);
  assert.match(await untestedFor({ special: false, position: 5 }) ?? '', /too short for a control/);
  assert.match(await untestedFor({ position: 6 }) ?? '', /does not prefer the answer/);
});

test('a model that cannot complete what repeats has no head with a role, and says why', async () => {
  const report = await reportOf(join(root, 'test/fixtures/models/gpt2-sdpa-20/model.onnx'));
  for (const { role, untested, heads } of report.findings) {
    assert.match(untested ?? '', /does not tell what comes next|no pairs of prompts with two names/, role);
    assert.deepEqual(heads, [], role);
  }
});

test('a cancel ends the tests, and they can be run again', async () => {
  const engine = engineHandlers(settings);
  await engine.open({ path: modelOf('induction'), tokenizer: null }, context);
  const params: RolesParams = { rows: 4, period: 25, seed: 0, pairs: null };
  const controller = new AbortController();
  const steps = new Set<string>();
  await assert.rejects(async () => await engine.roles(params, { signal: controller.signal, progress: (body) => {
    const { what, done } = body as RolesProgress;
    steps.add(what);
    if (what.startsWith('running random tokens') && done > 0) controller.abort();
  } }), { code: 'cancelled' });
  assert.deepEqual([...steps].filter((step) => !step.startsWith('running prompt')), ['looking where heads attend', 'running random tokens without each head']);
  assert.deepEqual(namedIn(await engine.roles(params, context), 'previous-token'), ['L0H2', 'L0H5']);
  await engine.release({}, context);
});

test('a stretch is as long as the context allows; models that do not continue a text are refused', async () => {
  assert.equal((await reportOf(modelOf('induction'), { rows: 2 })).repeats.period, 25);
  const engine = engineHandlers(settings);
  await engine.open({ path: modelOf('induction'), tokenizer: null }, context);
  assert.equal((await engine.roles({ rows: 2, period: 500, seed: 0, pairs: null }, context)).repeats.period, 31, 'a start token and two stretches in 64 positions');
  await engine.open({ path: join(root, 'test/fixtures/models/bert-sdpa-18/model.onnx'), tokenizer: null }, context);
  await assert.rejects(async () => await engine.roles({ rows: 2, period: 25, seed: 0, pairs: null }, context), /tested on models that continue a text/);
  await engine.release({}, context);
});
