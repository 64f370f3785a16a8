/** Experiments give TransformerLens's results on the same weights, and what a run of the untouched file with the edit made by hand gives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import { baselineOf, cellAt, countRun, noCells, NOT_RUN } from '../../src/shared/experiment/result.ts';
import type { ExperimentOutcome, ExperimentProgress } from '../../src/shared/experiment/result.ts';
import type { Experiment, Patching, Steering } from '../../src/shared/experiment/experiment.ts';
import { engineHandlers } from '../../src/engine/server.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { cellsOf, experimentOf, goldens, subjectOf, wordTokenizer } from './lib/patchingGoldens.ts';
import type { GoldenCase } from './lib/patchingGoldens.ts';
import { Untouched } from './lib/untouched.ts';
import { Scratch } from '../lib/scratch.ts';

/** Of what is recovered, and of metrics. */
const EQUAL = 1e-4;
/** Metrics that are nearer are compared as they are: divided by so little, single precision shows. */
const DIVISIBLE = 0.1;
/** Single variants against stacked ones: the same kernels on other sizes. */
const SAME = 2e-5;

const tokenizer = new Scratch().write('tokenizer.json', wordTokenizer);
const context = { signal: new AbortController().signal, progress: () => undefined };

type Engine = ReturnType<typeof engineHandlers>;

async function withModel(subject: string, work: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  await engine.open({ path: subjectOf(subject).path, tokenizer }, context);
  try {
    await work(engine);
  } finally {
    await engine.release({}, context);
  }
}

const run = async (engine: Engine, experiment: Experiment): Promise<ExperimentOutcome> => await engine.experiment({ experiment }, context);

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What differs between a case and what the engine gives, in words. */
function differences(golden: GoldenCase, outcome: ExperimentOutcome): readonly string[] {
  const { frame } = outcome;
  const places = new Map(frame.addresses.map((address, index) => [address, index]));
  const [clean, corrupted] = [mean(golden.clean), golden.corrupted && mean(golden.corrupted)];
  const said: string[] = [];
  const say = (where: string, ours: number, theirs: number): void => {
    if (!(Math.abs(ours - theirs) < EQUAL)) said.push(`${where}: ${ours} here, ${theirs} in TransformerLens`);
  };
  golden.clean.forEach((metric, pair) => say(`clean metric of pair ${pair}`, frame.pairs[pair]?.cleanMetric ?? NaN, metric));
  say('corrupted metric', frame.corrupted ?? 0, corrupted ?? 0);
  const cells = cellsOf(golden);
  for (const { address, metrics } of cells) {
    const index = places.get(address);
    if (index === undefined) {
      said.push(`there is no cell ${address}`);
      continue;
    }
    const cell = cellAt({ frame, values: outcome, index });
    metrics.forEach((metric, pair) => say(`${address}, metric of pair ${pair}`, cell.perPair[pair] ?? NaN, metric));
    if (corrupted === null || Math.abs(clean - corrupted) < DIVISIBLE) continue;
    // An edit that changed nothing leaves the metric of the run that was to be edited.
    const unchanged = (baselineOf(frame) - corrupted) / (clean - corrupted);
    say(`${address}, recovered`, cell.recovered ?? (cell.unchanged ? unchanged : NaN), (mean(metrics) - corrupted) / (clean - corrupted));
  }
  const count = frame.addresses.filter((address) => address !== '').length;
  if (golden.experiment.kind !== 'ablation' && count !== cells.length) said.push(`${count} cells here, ${cells.length} in TransformerLens`);
  return said;
}

const subjects = Object.keys(goldens.subjects);
const kindsOf = (subject: string): readonly string[] => [...new Set(goldens.cases.filter((golden) => golden.subject === subject).map(({ experiment }) => experiment.kind))];

for (const subject of subjects) {
  for (const kind of kindsOf(subject)) {
    const cases = goldens.cases.filter((golden) => golden.subject === subject && golden.experiment.kind === kind);
    test(`${subject}: ${kind} gives what TransformerLens gives, in ${cases.length} experiments`, async () => {
      await withModel(subject, async (engine) => {
        const said: string[] = [];
        for (const golden of cases) {
          const { function: name, experiment } = golden;
          const where = JSON.stringify({ ...experiment, kind: name });
          try {
            said.push(...differences(golden, await run(engine, experimentOf(golden))).slice(0, 4).map((what) => `${where}: ${what}`));
          } catch (error) {
            said.push(`${where}: ${String(error)}`);
          }
        }
        assert.deepEqual(said, []);
      });
    });
  }
}

const patching = (subject: string, change: Partial<Patching>): Patching => ({
  kind: 'activation-patching', model: subjectOf(subject).path, pairs: subjectOf(subject).pairs, metric: 'logit-difference', position: -1, special: false, expect: [],
  direction: 'denoise', sites: ['resid_pre'], by: 'position', ...change,
});

/** Every way of cutting up every site that a model with MLPs has. */
const everySweep: readonly Pick<Patching, 'sites' | 'by'>[] = [
  { sites: ['resid_pre', 'resid_mid', 'resid_post', 'attn_out', 'mlp_out'], by: 'position' },
  { sites: ['resid_pre', 'resid_mid', 'resid_post', 'attn_out', 'mlp_out', 'z', 'q', 'k', 'v', 'pattern', 'mlp_post'], by: 'layer' },
  { sites: ['z', 'q', 'k', 'v', 'pattern'], by: 'head' },
  { sites: ['z', 'q', 'k', 'v', 'pattern'], by: 'head-position' },
  { sites: ['pattern'], by: 'head-dest-src' },
  { sites: ['mlp_post'], by: 'neuron' },
];

test('an experiment goes on from the cells that it is given, and does not run those again that gave NaN', async () => {
  await withModel('gpt2', async (engine) => {
    const experiment = patching('gpt2', { sites: ['z'], by: 'head' });
    const whole = await run(engine, experiment);
    const [count, pairs] = [whole.frame.addresses.length, whole.frame.pairs.length];
    const known = { metrics: whole.metrics.slice().fill(NaN, 0, 3), unchanged: whole.unchanged.slice() };
    known.unchanged[2] = NOT_RUN;
    const again = await engine.experiment({ experiment, known }, context);
    assert.deepEqual([...again.metrics.subarray(0, 3)], [NaN, NaN, whole.metrics[2]]);
    assert.deepEqual([...again.metrics.subarray(3)], [...whole.metrics.subarray(3)]);
    assert.equal(again.passes, pairs + 3, 'the clean runs, two to go on from, and one cell');
    const nothing = await engine.experiment({ experiment, known: { metrics: new Float64Array(count * pairs).fill(NaN), unchanged: new Uint8Array(count * pairs) } }, context);
    assert.equal(nothing.passes, pairs, 'where all of it gave NaN nothing is run but the clean prompts');
  });
});

test('a sweep that is cancelled and run again gives what it gives without a break', async () => {
  await withModel('gpt2', async (engine) => {
    const experiment = patching('gpt2', { sites: ['z', 'q'], by: 'head-position' });
    const whole = await run(engine, experiment);
    const controller = new AbortController();
    const kept = noCells(whole.metrics.length);
    const progress = (step: unknown): void => {
      const came = step as ExperimentProgress;
      if (came.kind !== 'cells') return;
      came.indices.forEach((index, at) => {
        kept.metrics[index] = came.metrics[at] ?? NaN;
        kept.unchanged[index] = came.unchanged[at] ?? 0;
      });
      // Cells that an edit would not change are told at once, without a run.
      if (came.unchanged.includes(0)) controller.abort();
    };
    await assert.rejects(async () => await engine.experiment({ experiment }, { signal: controller.signal, progress }), (error) => CogscopeError.describe(error).code === 'cancelled');
    const there = countRun(kept);
    assert.ok(there > 0 && there < whole.metrics.length, `${there} cells of ${whole.metrics.length} came before the cancel`);
    const again = await engine.experiment({ experiment, known: kept }, context);
    assert.ok(again.passes < whole.passes, `${again.passes} passes, and ${whole.passes} for all`);
    assert.deepEqual(again.unchanged, whole.unchanged);
    again.metrics.forEach((metric, index) => assert.ok(Math.abs(metric - (whole.metrics[index] ?? NaN)) < SAME, `cell ${index}: ${metric}, and ${whole.metrics[index]} without a break`));
  });
});

for (const subject of ['gpt2', 'llama']) {
  test(`${subject}: a run patched with itself is unchanged in every cell, bit for bit`, async () => {
    await withModel(subject, async (engine) => {
      const pairs = subjectOf(subject).pairs.map((pair) => ({ ...pair, corrupted: pair.clean }));
      for (const sweep of everySweep) {
        const { frame, metrics, unchanged } = await run(engine, patching(subject, { pairs, ...sweep }));
        frame.pairs.forEach(({ cleanMetric, corruptedMetric }, pair) => {
          assert.equal(cleanMetric, corruptedMetric, 'the two runs of one prompt');
          frame.addresses.forEach((address, cell) => {
            const at = pair * frame.addresses.length + cell;
            assert.deepEqual([metrics[at], unchanged[at]], [cleanMetric, 1], `${address}, pair ${pair}`);
          });
        });
        assert.ok(frame.notes.some((note) => note.includes('same metric')), `it says that nothing can be divided by: ${frame.notes.join('; ')}`);
        assert.equal(cellAt({ frame, values: { metrics, unchanged }, index: 0 }).recovered, null);
      }
    });
  });

  test(`${subject}: a state of the stream patched as a whole gives the clean metric, in both directions`, async () => {
    await withModel(subject, async (engine) => {
      for (const direction of ['denoise', 'noise'] as const) {
        const outcome = await run(engine, patching(subject, { sites: ['resid_pre', 'resid_mid', 'resid_post'], by: 'layer', direction }));
        outcome.frame.addresses.forEach((address, index) => {
          const { recovered } = cellAt({ frame: outcome.frame, values: outcome, index });
          const expected = direction === 'denoise' ? 1 : 0;
          assert.ok(recovered !== null && Math.abs(recovered - expected) < 1e-6, `${address}, ${direction}: ${recovered} recovered`);
        });
      }
    });
  });

  test(`${subject}: positions before the first that differs are flagged as unchanged, and no others of the first state`, async () => {
    await withModel(subject, async (engine) => {
      const [pair] = subjectOf(subject).pairs;
      assert.ok(pair);
      const [clean, corrupted] = [pair.clean as readonly number[], pair.corrupted as readonly number[]];
      const parting = clean.findIndex((id, position) => id !== corrupted[position]);
      const outcome = await run(engine, patching(subject, { pairs: [pair], sites: ['resid_pre', 'mlp_out'] }));
      outcome.frame.addresses.forEach((address, index) => {
        const [, place = '', position = ''] = /^(.*)@(\d+)$/.exec(address) ?? [];
        const cell = cellAt({ frame: outcome.frame, values: outcome, index });
        // In front of the first block a position knows of itself alone.
        const same = place === 'blocks.0.hook_resid_pre' ? clean[Number(position)] === corrupted[Number(position)] : Number(position) < parting;
        assert.deepEqual([cell.unchanged, cell.recovered === null], [same, same], address);
        if (same) assert.equal(cell.metric, outcome.frame.corrupted, `${address} has the metric of the run that was to be edited`);
      });
    });
  });

  test(`${subject}: behind the measured position nothing reaches it, and in front of it cells are what a run of the whole gives`, async () => {
    await withModel(subject, async (engine) => {
      const [pair] = subjectOf(subject).pairs;
      assert.ok(pair);
      const outcome = await run(engine, patching(subject, { pairs: [pair], position: 4, sites: ['resid_pre', 'z'], by: 'position' }));
      const short = { ...pair, clean: pair.clean.slice(0, 5), corrupted: pair.corrupted.slice(0, 5) };
      const cut = await run(engine, patching(subject, { pairs: [short], sites: ['resid_pre', 'z'], by: 'position' }));
      outcome.frame.addresses.forEach((address, index) => {
        const metric = outcome.metrics[index] ?? NaN;
        const at = cut.frame.addresses.indexOf(address);
        if (at < 0) assert.equal(metric, outcome.frame.corrupted, `${address} lies behind what is measured`);
        else assert.ok(Math.abs(metric - (cut.metrics[at] ?? NaN)) < SAME, `${address}: ${metric}, and ${cut.metrics[at]} where the prompts end there`);
      });
    });
  });

  test(`${subject}: heads of prompts that begin alike are what a run of all positions gives`, async () => {
    await withModel(subject, async (engine) => {
      const pairs = subjectOf(subject).pairs.map((pair) => ({ ...pair, clean: [...pair.corrupted.slice(0, 5), ...pair.clean.slice(5)] as number[] }));
      const few = patching(subject, { pairs, sites: ['z', 'v', 'pattern'], by: 'head' });
      // A pair that differs from the start has all positions run.
      const [first] = pairs;
      assert.ok(first);
      const all = await run(engine, { ...few, pairs: [...pairs, { ...first, clean: [(first.clean[0] ?? 0) + 1, ...first.clean.slice(1)] }] });
      const some = await run(engine, few);
      some.metrics.forEach((metric, cell) => assert.ok(Math.abs(metric - (all.metrics[cell] ?? NaN)) < SAME, `${some.frame.addresses[cell % some.frame.addresses.length]}: ${metric}, and ${all.metrics[cell]} with all positions`));
    });
  });

  test(`${subject}: stacked variants are what the untouched file gives with the edit made by hand, one by one`, async () => {
    await withModel(subject, async (engine) => {
      const [pair] = subjectOf(subject).pairs;
      assert.ok(pair);
      const [clean, corrupted] = [pair.clean as readonly number[], pair.corrupted as readonly number[]];
      const { path } = subjectOf(subject);
      const tensors = new Map((await engine.addresses({}, context)).map((entry) => [entry.address, entry.tensor]));
      let checked = 0;
      for (const [sites, by] of [[['resid_pre', 'attn_out', 'mlp_out'], 'position'], [['pattern', 'z'], 'head']] as const) {
        const outcome = await run(engine, patching(subject, { pairs: [pair], sites, by }));
        const byTensor = new Map<string, { readonly address: string; readonly at: number; readonly metric: number }[]>();
        for (const [index, address] of outcome.frame.addresses.entries()) {
          const { metric, unchanged } = cellAt({ frame: outcome.frame, values: outcome, index });
          const [, layer = '', head, site = 'z'] = /^L(\d+)H(\d+)(?:\.(\w+))?$/.exec(address) ?? [];
          const [hook = '', position] = address.split('@');
          const name = tensors.get(head === undefined ? hook : `blocks.${layer}.attn.hook_${site}`);
          assert.ok(name !== undefined, address);
          if (!unchanged) byTensor.set(name, [...byTensor.get(name) ?? [], { address, at: Number(head ?? position), metric }]);
        }
        const whole = await Untouched.open(path, [...byTensor.keys()]);
        const [theirs, ours] = [await whole.run({ ids: clean }), await whole.run({ ids: corrupted })];
        await whole.release();
        for (const [name, cells] of byTensor) {
          const [from, to] = [theirs.get(name), ours.get(name)];
          assert.ok(from && to);
          const edited = await Untouched.open(path, ['logits'], name);
          for (const { address, at, metric } of cells) {
            const logits = (await edited.run({ ids: corrupted, given: (by === 'head' ? withHead : withPosition)(to, from, at, clean.length) })).get('logits');
            assert.ok(logits);
            const last = toFloat32(logits).subarray(-(logits.dims.at(-1) ?? 0));
            const byHand = (last[pair.target as number] ?? NaN) - (last[pair.distractor as number] ?? NaN);
            assert.ok(Math.abs(byHand - metric) < SAME, `${address}: ${metric} stacked, ${byHand} by hand`);
            checked++;
          }
          await edited.release();
        }
      }
      assert.ok(checked > 40, `${checked} cells were checked`);
    });
  });
}

test('a direction out of prompts of different lengths says what it is, and what it cannot be', async () => {
  await withModel('gpt2', async (engine) => {
    const [pair] = subjectOf('gpt2').pairs;
    assert.ok(pair);
    const steering: Steering = {
      kind: 'steering', model: subjectOf('gpt2').path, pairs: [{ ...pair, corrupted: pair.corrupted.slice(3) }], metric: 'logit-difference', position: -1, special: false, expect: [],
      address: 'blocks.0.hook_resid_post', direction: { from: 'clean - corrupted', position: -1 }, scales: [1],
    };
    const { frame, unchanged } = await run(engine, steering);
    assert.match(frame.notes.join(), /^The direction is clean less corrupted, at position -1, a mean over 1 pair; its norm is [\d.]+$/);
    assert.deepEqual([frame.corrupted, ...unchanged], [null, 0]);
    const same = await run(engine, { ...steering, pairs: [{ ...pair, corrupted: pair.clean }] });
    assert.deepEqual([...same.unchanged], [1], 'a direction of zero changes nothing');
    await assert.rejects(run(engine, { ...steering, direction: { from: 'clean - corrupted', position: 8 } }), /There is no position 8/);
    await assert.rejects(run(engine, { ...steering, address: 'L1H0.pattern' }), /Prompts have no difference of patterns/);
    await assert.rejects(run(engine, { ...steering, pairs: [{ clean: pair.clean, target: pair.target, distractor: pair.distractor }] }), /There is no corrupted prompt\. The direction is what two prompts differ by: give both/);
  });
});

/** [1, pos, width]: one position taken from another tensor. */
function withPosition(tensor: Tensor, from: Tensor, position: number, length: number): Tensor {
  const width = tensor.data.length / length;
  const data = toFloat32(tensor).slice();
  data.set(toFloat32(from).subarray(position * width, (position + 1) * width), position * width);
  return { ...tensor, data };
}

/** [1, pos, heads * d], [1, pos, heads, d] or [1, heads, pos, …]: one head of four taken from another tensor. */
function withHead(tensor: Tensor, from: Tensor, head: number, length: number): Tensor {
  const HEADS = 4;
  const data = toFloat32(tensor).slice();
  const source = toFloat32(from);
  const headFirst = tensor.dims.length === 4 && tensor.dims[1] === HEADS && tensor.dims[2] === length;
  const [rows, size] = headFirst ? [1, data.length / HEADS] : [length, data.length / length / HEADS];
  for (let row = 0; row < rows; row++) {
    const start = (row * HEADS + head) * size;
    data.set(source.subarray(start, start + size), start);
  }
  return { ...tensor, data };
}
