/** Experiments on the command line: results, expectations, everything that may be wrong with a file, and ends before the end. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Scratch } from '../lib/scratch.ts';
import { cogscope, isAlive, json, Running } from './lib/cogscope.ts';

const scratch = new Scratch();
const examples = join(import.meta.dirname, '..', '..', 'examples');
const induction = join(examples, 'induction', 'induction.onnx');
const stories = join(examples, 'stories', 'stories.onnx');

const words = 'cat milk door piano snow';
const pair = { clean: `${words} wolf ${words}`, corrupted: `${words} bread ${words}`, target: 'wolf', distractor: 'bread' };
const heads = { cogscope: 1, model: induction, kind: 'activation-patching', pairs: [pair], sites: ['z'], by: 'head' };

let files = 0;
const write = (content: unknown): string => scratch.write(`${files++}.cogscope.json`, typeof content === 'string' ? content : JSON.stringify(content));

interface Result {
  readonly clean: number;
  readonly corrupted: number | null;
  readonly cells: readonly { readonly address: string; readonly metric: number; readonly recovered?: number | null; readonly effect: number | null; readonly unchanged?: boolean; readonly perPair: readonly number[] }[];
  readonly expect?: readonly { readonly passed: boolean; readonly text: string }[];
  readonly notes: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly detail: string };
}

const run = async (content: unknown): Promise<Result> => await json('experiment', write(content), '--quiet') as Result;

test('the heads that are known to complete repeated words recover the answer, and the formula holds for each cell', async () => {
  const result = await run({ ...heads, expect: [{ top: 4, includes: ['L1H0', 'L1H1', 'L1H3', 'L1H7'] }] });
  assert.deepEqual(result.expect?.map(({ passed }) => passed), [true], result.expect?.[0]?.text);
  assert.equal(result.cells.length, 16);
  for (const { address, metric, recovered, perPair } of result.cells) {
    assert.ok(Math.abs((recovered ?? NaN) - (metric - (result.corrupted ?? NaN)) / (result.clean - (result.corrupted ?? NaN))) < 1e-12, address);
    assert.deepEqual(perPair, [metric], address);
  }
});

test('clean and corrupted metrics are those of plain runs of the same prompts', async () => {
  const result = await run({ ...heads, metric: 'probability' });
  const plain = await json('run', induction, '--prompt', pair.clean, '--prompt', pair.corrupted, '--top', '300', '--quiet') as { readonly predictions: readonly (readonly { readonly top: readonly { readonly text: string; readonly probability: number }[] }[])[] };
  const of = (index: number): number => plain.predictions[index]?.at(-1)?.top.find(({ text }) => text === 'wolf')?.probability ?? NaN;
  assert.ok(Math.abs(result.clean - of(0)) < 1e-6, `${result.clean} against ${of(0)}`);
  assert.ok(Math.abs((result.corrupted ?? NaN) - of(1)) < 1e-6);
});

test('every kind runs from a file, and pairs may stand in lines', async () => {
  scratch.write('pairs.jsonl', `${JSON.stringify(pair)}\n${JSON.stringify({ ...pair, clean: `snow ${pair.clean}`.replace('cat', 'queen'), corrupted: `snow ${pair.corrupted}`.replace('cat', 'queen') })}\n`);
  const ablation = await run({ ...heads, kind: 'ablation', pairs: 'pairs.jsonl', together: ['L1H0', 'L1H1'] });
  assert.equal(ablation.corrupted, null);
  assert.deepEqual(ablation.cells.map(({ perPair }) => perPair.length), Array.from({ length: 17 }, () => 2));
  assert.ok(ablation.cells.every(({ recovered, effect, metric }) => recovered === undefined && Math.abs((effect ?? 0) - (metric - ablation.clean)) < 1e-9));
  const path = await run({ cogscope: 1, model: induction, kind: 'path-patching', pairs: [pair], senders: ['L0H2', 'L0H0'], receivers: ['L1H0.k', 'L1H1.k', 'L1H3.k', 'L1H7.k'] });
  assert.deepEqual(path.cells.map(({ address }) => address), ['L0H2', 'L0H0']);
  const tracing = await run({ cogscope: 1, model: induction, kind: 'causal-tracing', pairs: [{ clean: pair.clean, target: 'wolf' }], noise: { subject: 'wolf', samples: 2 }, sites: ['resid_post'] });
  assert.equal(tracing.cells.length, 24);
});

interface Bad {
  readonly name: string;
  readonly file: unknown;
  readonly exit: number;
  /** The whole line behind "cogscope: ". */
  readonly says: RegExp;
}

const broken = scratch.write('broken.onnx', 'this is no model');
const bad: readonly Bad[] = [
  { name: 'unknown keys', file: { ...heads, modle: 'x', metrc: 'kl' }, exit: 2, says: /^There is no key "modle" here \(.*\.cogscope\.json:1:\d+; 1 more in --json\)\. Did you mean "model"\? Correct it, or take it out\.$/ },
  { name: 'broken JSON', file: '{ "cogscope": 1,\n  "model": }', exit: 2, says: /^A value is missing here \(.*:2:12\)\. Add it/ },
  { name: 'a missing model', file: { ...heads, model: 'nowhere.onnx' }, exit: 3, says: /^The model does not exist: .*nowhere\.onnx \(.*:1:\d+\)\. Write its path relative to this file\.$/ },
  { name: 'a file that is no model', file: { ...heads, model: broken }, exit: 3, says: /^The file .*\(.*broken\.onnx\)\./ },
  { name: 'an address that the model does not have', file: { ...heads, kind: 'ablation', together: ['L9H9'] }, exit: 2, says: /^No address of this model is "L9H9"\. List them/ },
  { name: 'a layer that the model does not have', file: { ...heads, layers: [7] }, exit: 2, says: /^There is no layer 7\. Choose of 0 to 1/ },
  { name: 'a site that the model does not have', file: { ...heads, sites: ['mlp_out'], by: 'position' }, exit: 4, says: /^This model has no mlp_out\. Choose another site/ },
  { name: 'a target of several tokens', file: { ...heads, model: stories, pairs: [{ ...pair, clean: 'Lily saw a cat', corrupted: 'Ben saw a cat', target: ' went home' }] }, exit: 2, says: /^The target " went home" is 2 tokens \(" went" " home"\)\. Give one token as it would follow the prompt/ },
  { name: 'prompts of different length', file: { ...heads, pairs: [{ ...pair, corrupted: `${words} ${words}` }] }, exit: 2, says: /^The clean prompt has 12 tokens \(.*"wolf".*\) and the corrupted one 11 \(.*\); they part at position 6, "wolf" against "cat"\. Give prompts with the same number of tokens/ },
  { name: 'a position behind the prompt', file: { ...heads, position: 40 }, exit: 2, says: /^There is no position 40 in a prompt of 12 tokens/ },
  { name: 'the stream by head', file: { ...heads, sites: ['resid_pre'] }, exit: 2, says: /^resid_pre is the residual stream before the block, which cannot be taken by "head" \(.*\)\. Take it by "position" or "layer"/ },
  { name: 'a newer file', file: { ...heads, cogscope: 9 }, exit: 2, says: /^The file was made by a newer version of Cogscope .*\. Update Cogscope\.$/ },
];

for (const { name, file, exit, says } of bad) {
  test(`${name}: one line with what to do, exit ${exit}`, async () => {
    const { code, stdout, stderr } = await cogscope('experiment', write(file));
    assert.equal(code, exit, stderr);
    assert.equal(stdout, '');
    assert.match(stderr.replace(/^cogscope: /, '').trimEnd(), says);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  });
}

test('an experiment that is not there, none, and two', async () => {
  assert.match((await cogscope('experiment', 'nowhere.cogscope.json')).stderr, /^cogscope: The experiment does not exist \(.*nowhere/);
  assert.match((await cogscope('experiment')).stderr, /^cogscope: No experiment is named\. Give the path/);
  assert.match((await cogscope('experiment', 'a', 'b')).stderr, /^cogscope: "b" is one word too many\. Name one experiment, or run several with "cogscope test"/);
});

test('equal metrics are said, raw values are shown, and nothing is divided', async () => {
  const same = { ...heads, pairs: [{ ...pair, corrupted: pair.clean }] };
  const result = await run(same);
  assert.equal(result.clean, result.corrupted);
  assert.ok(result.notes.some((note) => note.includes('the same metric')), result.notes.join());
  assert.ok(result.cells.every(({ recovered, metric, unchanged }) => recovered === null && metric === result.clean && unchanged), 'patching a run with itself changes nothing, bit for bit');
  const { code, stdout } = await cogscope('experiment', write({ ...same, expect: [{ address: 'L1H3', recovered: { atLeast: 0 } }] }));
  assert.equal(code, 1);
  assert.match(stdout, /failed {2}L1H3: the edit changed no element/);
});

test('a failing expectation says expected, got and the nearest sites, and ends with 1', async () => {
  const { code, stdout, stderr } = await cogscope('experiment', write({ ...heads, expect: [{ address: 'L0H2', recovered: { atLeast: 0.5 } }, { address: 'L7H7', recovered: { atLeast: 0 } }] }));
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /failed {2}L0H2: recovered expected at least 0\.5, got −0\.0\d+; nearest: L1H1\s+0\.3\d+, L1H0\s+0\.3\d+, L1H7 0\.2\d+\n/);
  assert.match(stdout, /failed {2}L7H7 is no cell of this experiment/);
});

test('an experiment is printed as Python, with the files that it names found from beside it, and nothing is run', async () => {
  scratch.write('some.jsonl', `${JSON.stringify(pair)}\n`);
  const file = write({ ...heads, pairs: 'some.jsonl' });
  const { code, stdout, stderr } = await cogscope('experiment', file, '--python');
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^""".*"some\.jsonl".*patching\.get_act_patch_attn_head_out_all_pos\(.*main\(\)\n$/s);
  assert.deepEqual(await json('experiment', file, '--python'), { python: stdout });
  assert.match((await cogscope('experiment', write({ ...heads, by: 'neuron' }), '--python')).stderr, /^cogscope: z is what each head read, .* cannot be taken by "neuron"/);
});

test('the cells are written as CSV, and a folder that is not there is said', async () => {
  const csv = scratch.path('cells.csv');
  const file = write(heads);
  assert.equal((await cogscope('experiment', file, '--csv', csv, '--quiet')).code, 0);
  assert.equal(readFileSync(csv, 'utf8').trimEnd().split('\r\n').length, 17);
  const { code, stderr } = await cogscope('experiment', file, '--csv', join(scratch.folder, 'no', 'cells.csv'));
  assert.equal(code, 2);
  assert.match(stderr, /^cogscope: The CSV cannot be written \(.*cells\.csv\)\. Choose a folder/);
});

/** A folder of its own with experiments in it. */
function workspace(name: string, contents: Readonly<Record<string, unknown>>): string {
  for (const [path, content] of Object.entries(contents)) {
    mkdirSync(join(scratch.path(name), path, '..'), { recursive: true });
    scratch.write(join(name, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return scratch.path(name);
}

const passing = { ...heads, expect: [{ address: 'L1H1', recovered: { atLeast: 0.2 } }] };
const failing = { ...heads, expect: [{ address: 'L0H0', recovered: { atLeast: 0.5 } }, { top: 1, includes: ['L1H1'] }] };

test('cogscope test finds what expects something, runs it, and counts; JUnit has the failures', async () => {
  const folder = workspace('tests', {
    'a/good.cogscope.json': passing, 'b.cogscope.json': failing, 'c.cogscope.json': heads, 'node_modules/x.cogscope.json': failing, '.hidden/y.cogscope.json': failing, 'other.json': failing,
  });
  const { code, stdout } = await new Running(['test', '--junit', 'report.xml', '--quiet'], folder).ended;
  assert.equal(code, 1);
  assert.match(stdout, /^passed {2}a\/good\.cogscope\.json {2}1 expectation, .*\nfailed {2}b\.cogscope\.json {2}2 expectations, .*\n {8}L0H0: recovered expected at least 0\.5/);
  assert.match(stdout, /\n\n1 passed, 1 failed\n$/);
  const xml = readFileSync(join(folder, 'report.xml'), 'utf8');
  assert.match(xml, /<testsuites name="cogscope" tests="3" failures="1" errors="0"/);
  assert.match(xml, /<failure message="L0H0: recovered expected at least 0\.5, got [^"]*; nearest: /);
});

test('files that cannot be run are failures with their reason, beside those that can', async () => {
  const folder = workspace('mixed', { 'a.cogscope.json': passing, 'b.cogscope.json': '{ "expect": [', 'c.cogscope.json': { ...passing, model: 'nowhere.onnx' }, 'd.cogscope.json': heads });
  const all = await new Running(['test', '--json', '--quiet'], folder).ended;
  const result = JSON.parse(all.stdout) as { readonly passed: number; readonly failed: number; readonly experiments: readonly { readonly file: string; readonly passed: boolean; readonly error?: { readonly code: string } }[] };
  assert.deepEqual([result.passed, result.failed, all.code], [1, 2, 2]);
  assert.deepEqual(result.experiments.map(({ file, passed, error }) => [file, passed, error?.code]), [['a.cogscope.json', true, undefined], ['b.cogscope.json', false, 'usage'], ['c.cogscope.json', false, 'unreadable']]);
  const named = await new Running(['test', 'd.cogscope.json', '--quiet'], folder).ended;
  assert.equal(named.code, 2);
  assert.match(named.stdout, /failed {2}d\.cogscope\.json: The experiment expects nothing\. Add "expect"/);
});

test('nothing to test is wrong use, not a success', async () => {
  const { code, stderr } = await new Running(['test'], workspace('empty', { 'c.cogscope.json': heads })).ended;
  assert.equal(code, 2);
  assert.match(stderr, /^cogscope: There is no experiment with "expect" in this folder or below\. Name a file/);
});

/** Seconds of work: every neuron of four layers. */
const long = {
  cogscope: 1, model: stories, kind: 'activation-patching', by: 'neuron', expect: [{ top: 1, includes: ['L0N591'] }],
  pairs: [{ clean: 'Lily and Ben went to the park. Ben gave a ball to', corrupted: 'Lily and Ben went to the park. Lily gave a ball to', target: ' Lily', distractor: ' Ben' }],
};

test('Ctrl-C in the middle keeps the cells that are there, says how many, and ends with 130', async () => {
  const running = new Running(['experiment', write(long), '--json']);
  const engine = await running.engine();
  await running.says('Running cell');
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  assert.equal(code, 130);
  const { cells, error, expect } = JSON.parse(stdout) as Result;
  const there = cells.filter(({ metric }) => (metric as number | null) !== null).length;
  assert.ok(there > 0 && there < 4096, `${there} cells`);
  assert.match(error?.message ?? '', new RegExp(`^Interrupted: ${there} of 4,096 cells are there\\. Run it again for the rest`));
  assert.equal(expect, undefined, 'a part is not judged');
  assert.ok(!isAlive(engine), 'the engine is gone');
});

test('an engine that is killed in the middle is followed by one that goes on from the cells that are there', async () => {
  const file = write(long);
  const whole = new Running(['experiment', file, '--json', '--quiet']);
  const running = new Running(['experiment', file, '--json']);
  const engine = await running.engine();
  await running.says('Running cell');
  process.kill(engine, 'SIGKILL');
  const { code, stdout, stderr } = await running.ended;
  assert.match(stderr, /The engine ended unexpectedly \(SIGKILL\); a new one goes on with the \d+ cells that are there/);
  const expected = await whole.ended;
  assert.deepEqual([code, expected.code], [0, 0], stderr);
  const cellsOf = (text: string): Result['cells'] => (JSON.parse(text) as Result).cells;
  assert.deepEqual(cellsOf(stdout), cellsOf(expected.stdout));
});
