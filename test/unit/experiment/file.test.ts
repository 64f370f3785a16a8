/** Problems of an experiment's file stand at a line and a column of the file that they are in. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { JsonText } from '../../../src/experiments/jsonText.ts';
import { openExperiment } from '../../../src/experiments/experimentFile.ts';
import { relativeTo, withPaths } from '../../../src/experiments/paths.ts';
import type { Steering } from '../../../src/shared/experiment/experiment.ts';
import { readExperiment } from '../../../src/shared/experiment/read.ts';
import { Scratch } from '../../lib/scratch.ts';
import { patching, steering } from './files.ts';

const scratch = new Scratch();
scratch.write('stories.onnx', '');
scratch.write('pairs.jsonl', `${JSON.stringify(patching.pairs[0])}\n\n${JSON.stringify(patching.pairs[0])}\n`);
scratch.write('wrong.jsonl', `{"clean": "a",\n${JSON.stringify(patching.pairs[0])}\n`);
scratch.write('wrong2.jsonl', '{"clean": "a", "corrupted": "b", "target": "b"}\n\n  {"clean": "a", "corrupted": 3, "target": "b"}\n');
mkdirSync(scratch.path('folder.onnx'));

/** LINE:COLUMN, the marked text and the sentence of each problem. */
async function problems(text: string): Promise<readonly string[]> {
  const { problems: found, experiment } = await openExperiment(scratch.path('x.cogscope.json'), text);
  assert.equal(experiment === null, found.length > 0);
  return found.map(({ file, line, column, range, what }) => {
    const place = file.endsWith('.jsonl') ? '' : text.slice(range.offset, range.offset + range.length);
    return `${file.slice(scratch.folder.length + 1)}:${line}:${column} ${place} ${what.replaceAll(scratch.folder, '…')}`;
  });
}

const pretty = (json: unknown): string => JSON.stringify(json, null, 2);

test('a good file opens with absolute paths', async () => {
  const { experiment } = await openExperiment(scratch.write('good.cogscope.json', `\ufeff${pretty(patching)}`));
  assert.equal(experiment?.model, scratch.path('stories.onnx'));
  const file = await openExperiment(scratch.write('lines.cogscope.json', pretty({ ...patching, pairs: 'pairs.jsonl' })));
  assert.deepEqual(file.experiment?.pairs, [patching.pairs[0], patching.pairs[0]]);
});

test('a problem marks its key, its value, or where the missing thing belongs', async () => {
  assert.deepEqual(await problems('{ "cogscope": 1, "kind": "ablation",\n  "modle": "a", "pairs": [{"clean": "a",\n "target": ["b"]}] }'), [
    'x.cogscope.json:1:1 { "model" is missing: it names the model that is run',
    'x.cogscope.json:2:3 "modle" There is no key "modle" here',
    'x.cogscope.json:3:12 ["b"] "target" takes one token as it would follow the prompt, or its id, not a list',
  ]);
});

test('broken JSON is said once, where it breaks', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', '1:1  The file is empty'],
    ['{"cogscope": 1', '1:14 1 A curly bracket is not closed'],
    ['{"cogscope": 1,}', '1:16 } A key is missing here'],
    ['{"cogscope": 1\n "model": "a"}', '2:2 "model" A comma is missing here'],
    ['{"cogscope": 1, // the version\n}', '1:17 // the version There is a comment here, which JSON does not have'],
    ['{"model": "a\n}', '1:11 "a A text does not end in its line'],
    ['{"model": a}', '1:11 a There is a word here that JSON does not have'],
    [`${'['.repeat(100_000)}`, `1:1 ${'['.repeat(100_000)} The JSON is nested too deeply`],
    ['{"model": "a", "model": "b"}', '1:16 "model" "model" stands here twice'],
  ];
  for (const [text, expected] of cases) assert.deepEqual(await problems(text), [`x.cogscope.json:${expected}`]);
});

test('files that are not there are named at the place that names them', async () => {
  assert.deepEqual(await problems('{ "cogscope": 1, "kind": "ablation",\n "model": "no.onnx", "pairs": [{"clean": "a", "target": "b"}] }'), ['x.cogscope.json:2:11 "no.onnx" The model does not exist: …/no.onnx']);
  assert.match((await problems(JSON.stringify({ ...patching, model: 'folder.onnx' })))[0] ?? '', /"folder\.onnx" The model is a folder: /);
  assert.match((await problems(JSON.stringify({ ...patching, pairs: 'no.jsonl' })))[0] ?? '', /"no\.jsonl" The file of pairs does not exist: /);
  assert.match((await problems(JSON.stringify(steering)))[0] ?? '', /"kind\.safetensors" The direction does not exist: /);
  await assert.rejects(openExperiment(scratch.path('nowhere.cogscope.json')), /^CogscopeError: The experiment does not exist \(.*nowhere\.cogscope\.json\)\. Check the path\.$/);
});

test('problems in a file of pairs stand at its own lines', async () => {
  assert.deepEqual(await problems(JSON.stringify({ ...patching, pairs: 'wrong.jsonl' })), ['wrong.jsonl:1:14  A key is missing here']);
  assert.deepEqual(await problems(JSON.stringify({ ...patching, pairs: 'wrong2.jsonl' })), ['wrong2.jsonl:3:31  "corrupted" takes a text or a list of token ids, not 3']);
});

test('a pointer into nothing leads to what is nearest around it', () => {
  const json = JsonText.parse('{"a": [1, {"b/c": 2}]}');
  const text = (pointer: string, key?: boolean): string => {
    const { offset, length } = json.rangeOf(pointer, key);
    return json.text.slice(offset, offset + length);
  };
  assert.equal(text('/a/1/b~1c'), '2');
  assert.equal(text('/a/1/b~1c', true), '"b/c"');
  assert.equal(text('/a/7'), '[1, {"b/c": 2}]');
  assert.equal(text('/z'), '{');
});

test('files that a steering names are found from its folder, and written as they are found from there', () => {
  const written = { ...readSteering(), model: '../stories.onnx', direction: 'kind.npy' };
  const folder = scratch.path('experiments');
  const found = withPaths(written, folder);
  assert.deepEqual(found, { ...written, model: scratch.path('stories.onnx'), direction: scratch.path('experiments/kind.npy') });
  assert.deepEqual(relativeTo(found, folder), written);
  assert.deepEqual(withPaths({ ...written, direction: '' }, folder), { ...found, direction: '' }, 'a draft without one stays without');
});

function readSteering(): Steering {
  const reading = readExperiment(steering);
  assert.ok(reading.kind === 'experiment' && reading.experiment.kind === 'steering');
  return reading.experiment;
}
