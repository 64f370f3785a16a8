/** The examples' experiments pass, on the heads that the READMEs name, with controls on heads that they do not name and on words that stand nowhere in the prompts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openExperiment } from '../../src/experiments/experimentFile.ts';
import { judge } from '../../src/shared/experiment/expect.ts';
import type { Experiment } from '../../src/shared/experiment/experiment.ts';
import type { ExperimentOutcome } from '../../src/shared/experiment/result.ts';
import { fixed } from '../../src/shared/format.ts';
import { cellsOf, strengthOf } from '../../src/shared/experiment/strongest.ts';
import { engineHandlers } from '../../src/engine/server.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const context = { signal: new AbortController().signal, progress: () => undefined };

const examples = ['induction', 'stories'] as const;
type Example = (typeof examples)[number];

const filesOf = (example: Example): readonly string[] => readdirSync(join(root, `examples/${example}/experiments`)).filter((name) => name.endsWith('.cogscope.json'));
/** Heads in the tables of a README. */
const namedIn = (example: Example): readonly string[] => [...new Set([...read(`examples/${example}/README.md`).matchAll(/^\| (L\dH\d) \|/gm)].map(([, address = '']) => address))];

async function experimentOf(example: Example, name: string): Promise<Experiment> {
  const { experiment, problems } = await openExperiment(join(root, `examples/${example}/experiments/${name}`));
  assert.ok(experiment, `${name}: ${problems[0]?.what}`);
  return experiment;
}

const engines = new Map(examples.map((example) => [example, engineHandlers({ threads: 1, weightBudget: 1e9 })]));
after(async () => {
  for (const engine of engines.values()) await engine.release({}, context);
});
const results = new Map<string, ExperimentOutcome>();

for (const example of examples) {
  for (const name of filesOf(example)) {
    test(`${example}: ${name} shows what it expects`, async () => {
      const experiment = await experimentOf(example, name);
      const engine = engines.get(example);
      assert.ok(engine);
      await engine.open({ path: experiment.model, tokenizer: null }, context);
      const outcome = await engine.experiment({ experiment }, context);
      results.set(`${example}/${name}`, outcome);
      assert.ok(experiment.expect.length > 0);
      assert.deepEqual(judge(experiment.expect, { frame: outcome.frame, values: outcome }).filter(({ passed }) => !passed).map(({ text }) => text), []);
    });
  }

  test(`${example}: experiments name the heads of the README, and controls others`, async () => {
    const named = namedIn(example);
    const [found, drawn] = [new Set<string>(), new Set<string>()];
    for (const name of filesOf(example)) {
      const experiment = await experimentOf(example, name);
      const isControl = name.startsWith('control-');
      for (const expectation of experiment.expect) {
        if (expectation.kind === 'top') for (const address of expectation.includes) address.split(' + ').forEach((head) => found.add(head.replace(/@.*$/, '')));
      }
      if (isControl && experiment.kind === 'ablation' && !experiment.expect.some((one) => one.kind === 'cell' && named.includes(one.address))) experiment.together.forEach((head) => drawn.add(head));
      assert.ok(!isControl || experiment.expect.every((one) => one.kind === 'cell' && one.atMost !== undefined), `${name} expects nothing to happen`);
    }
    assert.deepEqual([...found].filter((head) => !named.includes(head)), []);
    assert.equal(drawn.size, 4);
    assert.deepEqual([...drawn].filter((head) => named.includes(head)), []);
    for (const control of ['control-', '-other-']) assert.ok(readdirSync(join(root, `examples/${example}/experiments`)).some((name) => name.includes(control)), control);
  });

  test(`${example}: the README lists every experiment`, () => {
    const readme = read(`examples/${example}/README.md`);
    for (const name of filesOf(example)) assert.ok(readme.includes(`\`${name.replace('.cogscope.json', '')}\``), name);
  });
}

test('induction: every head that the README names is found by ablation', async () => {
  const { expect: [top] } = await experimentOf('induction', 'without.cogscope.json');
  assert.ok(top?.kind === 'top');
  assert.deepEqual(top.includes.filter((head) => !head.includes('+')).toSorted(), namedIn('induction').toSorted());
});

test('stories: clean logit differences are those that PyTorch measured, and the heads that are found are those that PyTorch misses most and that add most', () => {
  const { heads, prompts } = JSON.parse(read('training/stories/measured.json')) as {
    readonly heads: readonly { readonly address: string; readonly direct: number; readonly ablated: number }[]; readonly prompts: readonly { readonly text: string; readonly difference: number }[];
  };
  const texts = read('examples/stories/experiments/objects.jsonl').trimEnd().split('\n').map((line) => (JSON.parse(line) as { readonly clean: string }).clean);
  const frame = results.get('stories/objects-heads.cogscope.json')?.frame;
  assert.equal(frame?.pairs.length, 16);
  frame.pairs.forEach(({ cleanMetric }, index) => {
    const expected = prompts.find(({ text }) => text === texts[index])?.difference ?? NaN;
    assert.ok(Math.abs(cleanMetric - expected) < 1e-3, `"${texts[index]}": ${cleanMetric} here, ${expected} in PyTorch`);
  });
  const strongest = (score: 'direct' | 'ablated', count: number): readonly string[] => heads.toSorted((a, b) => b[score] - a[score]).slice(0, count).map(({ address }) => address);
  assert.equal(strongest('ablated', 1)[0], 'L0H5');
  assert.deepEqual(strongest('direct', 3).toSorted(), ['L1H2', 'L1H3', 'L1H5']);
});

/** What an experiment's cell came to, to two decimals as the READMEs have them. */
function told(example: Example, name: string, address: string): string {
  const outcome = results.get(`${example}/${name}.cogscope.json`);
  assert.ok(outcome, name);
  const cell = cellsOf({ frame: outcome.frame, values: outcome }).find((one) => one.address === address);
  assert.ok(cell, `${name} has ${address}`);
  return fixed(strengthOf(cell), 2);
}

test('the READMEs tell what came of the experiments', () => {
  const induction = (name: string, address: string): string => told('induction', name, address);
  const stories = (name: string, address: string): string => told('stories', name, address);
  const positive = (text: string): string => text.replace('−', '');
  const texts: Readonly<Record<string, readonly string[]>> = {
    'examples/induction/README.md': [
      `L0H2 recovers ${induction('heads', 'L0H2')} of the difference, L1H1 ${induction('heads', 'L1H1')}, L1H7 ${induction('heads', 'L1H7')}, L1H0 ${induction('heads', 'L1H0')}, L1H3 ${induction('heads', 'L1H3')}`,
      `L0H2 ${induction('paths', 'L0H2')}: it is what they look for; L0H5 ${induction('paths', 'L0H5')}`,
      `${induction('without', 'L0H2')} without L0H2, ${induction('without', 'L0H5')} without L0H5`, `${induction('without', 'L1H0 + L1H1 + L1H3 + L1H7')} without all four`,
    ],
    'examples/stories/README.md': [
      `L0H5 recovers ${stories('objects-heads', 'L0H5')}, L0H2 ${stories('objects-heads', 'L0H2')};`, `with ${stories('objects-heads', 'L1H5')} to ${stories('objects-heads', 'L1H2')};`,
      `(${stories('objects-positions', 'blocks.0.hook_resid_pre@9')})`, `"to" has it (${stories('objects-positions', 'blocks.1.hook_resid_pre@13')})`, `alone recovers ${stories('objects-positions', 'blocks.1.hook_attn_out@13')}`,
      `(${stories('objects-paths', 'L0H5')}, ${stories('objects-paths', 'L0H2')})`, `${stories('objects-without', 'L0H5')} without L0H5, ${stories('objects-without', 'L0H2')} without L0H2`,
      `${stories('objects-without', 'L1H2 + L1H3 + L1H5')} without three`, `| +${stories('control-heads', 'L0H3 + L1H4 + L3H1 + L3H5')} |`,
    ],
    'README.md': [
      `L0H5 at "to" recovers ${stories('objects-heads-by-position', 'L0H5@13')} of the logit difference, L0H2 ${stories('objects-heads-by-position', 'L0H2@13')};`,
      `in both orders: L0H5 ${stories('objects-heads', 'L0H5')}, L0H2 ${stories('objects-heads', 'L0H2')}, L1H5 ${stories('objects-heads', 'L1H5')}`, `leads with ${stories('objects-paths', 'L1H5')}`, `has ${stories('objects-paths', 'L0H5')}, so`,
      `falls by ${positive(stories('objects-without', 'L0H5'))} without L0H5`, `at once: ${stories('control-heads', 'L0H3 + L1H4 + L3H1 + L3H5')}.`, `other names: ${stories('control-names', 'L0H5')} without L0H5`,
    ],
  };
  for (const [path, phrases] of Object.entries(texts)) for (const phrase of phrases) assert.ok(read(path).includes(phrase), `${path} says: ${phrase}`);
});
