/** Weights beside the model: found where they may be, and a model with one missing still opens and says which and why. */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import type { ModelProblem } from '../../../src/engine/onnx/problems.ts';
import { readFloats } from '../../../src/engine/onnx/weights.ts';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { external, FLOAT, model, modelBytes, node, valueInfo } from '../../lib/protos.ts';
import { randomValues } from '../../lib/random.ts';
import { Scratch } from '../../lib/scratch.ts';

const scratch = new Scratch();
const ELEMENTS = 400;
const numbers = Float32Array.from(randomValues(1, 2 * ELEMENTS));
const data = new Uint8Array(numbers.buffer);
let folders = 0;

const newFolder = (): string => {
  const folder = scratch.path(`${folders++}`);
  mkdirSync(folder);
  return folder;
};

function write(path: string, content: Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const entries = (more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({ location: 'weights.bin', offset: '0', length: String(ELEMENTS * 4), ...more });

const bytesWith = (record: Readonly<Record<string, string>>): Uint8Array => modelBytes(model({
  nodes: [node('Identity', ['w'], ['y'])], weights: [external('w', FLOAT, [ELEMENTS], record)], outputs: [valueInfo('y', FLOAT, [ELEMENTS])],
}));

async function readsFrom(modelPath: string, expected: Float32Array): Promise<void> {
  const opened = await OnnxModel.open(modelPath);
  assert.deepEqual(opened.problems, []);
  const weight = opened.weights.get('w');
  assert.ok(weight);
  assert.deepEqual(readFloats(opened, weight).data, expected);
  await opened.close();
}

/** The one problem of a model that opens all the same. */
async function problemOf(modelPath: string): Promise<ModelProblem> {
  const opened = await OnnxModel.open(modelPath);
  const [problem, ...others] = opened.problems;
  assert.ok(problem && others.length === 0, 'there is one problem');
  assert.equal(opened.graph.nodes.length, 1, 'the graph is there');
  await opened.close();
  assert.equal(problem.code, 'unreadable');
  assert.equal(problem.what, 'The weight "w" cannot be read');
  assert.notEqual(problem.todo, '');
  return problem;
}

test('at an offset of a file beside the model, which has other weights too', async () => {
  const folder = newFolder();
  write(join(folder, 'weights.bin'), data);
  await readsFrom(write(join(folder, 'a.onnx'), bytesWith(entries())), numbers.subarray(0, ELEMENTS));
  await readsFrom(write(join(folder, 'b.onnx'), bytesWith(entries({ offset: String(ELEMENTS * 4) }))), numbers.subarray(ELEMENTS));
  await readsFrom(write(join(folder, 'c.onnx'), bytesWith(entries({ offset: '4' }))), numbers.subarray(1, ELEMENTS + 1));
});

test('without an offset or a length, the whole of what its shape needs from the start', async () => {
  const folder = newFolder();
  write(join(folder, 'weights.bin'), data);
  await readsFrom(write(join(folder, 'model.onnx'), bytesWith({ location: 'weights.bin' })), numbers.subarray(0, ELEMENTS));
});

test('in a folder below, and by a name that begins with two dots', async () => {
  const folder = newFolder();
  write(join(folder, 'parts/one/weights.bin'), data);
  write(join(folder, '..weights'), data);
  await readsFrom(write(join(folder, 'a.onnx'), bytesWith(entries({ location: 'parts/one/weights.bin' }))), numbers.subarray(0, ELEMENTS));
  await readsFrom(write(join(folder, 'b.onnx'), bytesWith(entries({ location: '..weights' }))), numbers.subarray(0, ELEMENTS));
});

test('missing', async () => {
  const { reason, todo } = await problemOf(write(join(newFolder(), 'model.onnx'), bytesWith(entries())));
  assert.equal(reason, 'the data file "weights.bin" is missing');
  assert.equal(todo, 'Put it beside the model');
});

test('too short, with how much is needed and how much is there', async () => {
  const folder = newFolder();
  write(join(folder, 'weights.bin'), data.subarray(0, 1000));
  const { reason } = await problemOf(write(join(folder, 'model.onnx'), bytesWith(entries({ offset: '100' }))));
  assert.equal(reason, 'the data file "weights.bin" is too short: 1700 bytes are needed and it has 1000');
});

test('a folder in place of the file', async () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'weights.bin'));
  assert.equal((await problemOf(write(join(folder, 'model.onnx'), bytesWith(entries())))).reason, '"weights.bin" is not a file');
});

for (const location of ['../weights.bin', '../../etc/passwd', 'parts/../../weights.bin', '/etc/passwd', '..']) {
  test(`outside the model's folder: ${location}`, async () => {
    const folder = newFolder();
    const inner = join(folder, 'model');
    write(join(folder, 'weights.bin'), data);
    const { reason } = await problemOf(write(join(inner, 'model.onnx'), bytesWith(entries({ location }))));
    assert.equal(reason, `its data lie outside the model's folder ("${location}")`);
  });
}

const damagedRecords: readonly Readonly<Record<string, string>>[] = [
  { offset: '-4' }, { offset: 'NaN' }, { offset: '1e400' }, { offset: '0.5' }, { offset: '9007199254740993' }, { length: '-1' }, { length: 'all of it' }, { location: '' },
];

for (const record of damagedRecords) {
  test(`a record that makes no sense: ${JSON.stringify(record)}`, async () => {
    const folder = newFolder();
    write(join(folder, 'weights.bin'), data);
    const { reason } = await problemOf(write(join(folder, 'model.onnx'), bytesWith(entries(record))));
    assert.equal(reason, 'its record of where it lies is damaged');
  });
}

test('a length that does not fit the shape', async () => {
  const folder = newFolder();
  write(join(folder, 'weights.bin'), data);
  const { reason } = await problemOf(write(join(folder, 'model.onnx'), bytesWith(entries({ length: '1596' }))));
  assert.equal(reason, 'it should take 1600 bytes and takes 1596');
});

test('behind a link that leads elsewhere', async () => {
  const folder = newFolder();
  write(join(folder, 'elsewhere/weights.bin'), data);
  const path = write(join(folder, 'model/model.onnx'), bytesWith(entries()));
  symlinkSync('../elsewhere/weights.bin', join(folder, 'model/weights.bin'));
  assert.equal((await problemOf(path)).reason, 'the data file "weights.bin" is a link that leaves the model\'s folder');
});

test('behind a link within the folder, as a hard link, and in a folder that is a link itself', async () => {
  const folder = newFolder();
  write(join(folder, 'versions/1/weights.bin'), data);
  symlinkSync('versions/1/weights.bin', join(folder, 'weights.bin'));
  await readsFrom(write(join(folder, 'model.onnx'), bytesWith(entries())), numbers.subarray(0, ELEMENTS));
  mkdirSync(join(folder, 'copies'));
  linkSync(join(folder, 'versions/1/weights.bin'), join(folder, 'copies/weights.bin'));
  await readsFrom(write(join(folder, 'copies/model.onnx'), bytesWith(entries())), numbers.subarray(0, ELEMENTS));
  symlinkSync('copies', join(folder, 'latest'));
  await readsFrom(join(folder, 'latest/model.onnx'), numbers.subarray(0, ELEMENTS));
});

test('in the Hugging Face cache, where model and data are links to a folder of blobs', async () => {
  const cache = newFolder();
  write(join(cache, 'blobs/0a1b'), bytesWith(entries()));
  write(join(cache, 'blobs/2c3d'), data);
  const snapshot = join(cache, 'snapshots/main/onnx');
  mkdirSync(snapshot, { recursive: true });
  symlinkSync('../../../blobs/0a1b', join(snapshot, 'model.onnx'));
  symlinkSync('../../../blobs/2c3d', join(snapshot, 'weights.bin'));
  await readsFrom(join(snapshot, 'model.onnx'), numbers.subarray(0, ELEMENTS));
});

test('beside the model itself, where only the model is a link', async () => {
  const folder = newFolder();
  write(join(folder, 'store/weights.bin'), data);
  write(join(folder, 'store/model.onnx'), bytesWith(entries()));
  mkdirSync(join(folder, 'work'));
  symlinkSync('../store/model.onnx', join(folder, 'work/model.onnx'));
  await readsFrom(join(folder, 'work/model.onnx'), numbers.subarray(0, ELEMENTS));
});

test('one file a weight, two thousand of them', async () => {
  const folder = newFolder();
  const names = Array.from({ length: 2000 }, (_, index) => `w${index}`);
  for (const name of names) write(join(folder, name), data.subarray(0, 4));
  const weights = names.map((name) => external(name, FLOAT, [1], { location: name }));
  const opened = await OnnxModel.open(write(join(folder, 'model.onnx'), modelBytes(model({ nodes: [node('Sum', names, ['y'])], weights, outputs: [valueInfo('y', FLOAT, [1])] }))));
  assert.deepEqual(opened.problems, []);
  assert.equal(opened.externalBytes, 8000);
  opened.assertUnchanged();
  await opened.close();
});

const changes: readonly (readonly [how: string, change: (path: string) => void, says: RegExp])[] = [
  ['shortened', (path) => truncateSync(path, 1600), /changed since it was opened/],
  ['overwritten in place', (path) => writeFileSync(path, new Uint8Array(data.length)), /changed since it was opened/],
  ['replaced', (path) => { rmSync(path); writeFileSync(path, data); }, /changed since it was opened/],
  ['deleted', (path) => rmSync(path), /no longer there/],
];

for (const [how, change, says] of changes) {
  test(`a data file that is ${how} while the model is open is not read as if nothing had happened`, async () => {
    const folder = newFolder();
    const file = write(join(folder, 'weights.bin'), data);
    // The clock of a file system ticks in milliseconds.
    utimesSync(file, 1e9, 1e9);
    const opened = await OnnxModel.open(write(join(folder, 'model.onnx'), bytesWith(entries())));
    const weight = opened.weights.get('w');
    assert.ok(weight);
    change(file);
    const isSaid = (error: unknown): boolean => error instanceof CogscopeError && error.code === 'changed' && says.test(error.message) && error.data.where === file;
    assert.throws(() => readFloats(opened, weight), isSaid);
    assert.throws(() => opened.assertUnchanged(), isSaid);
    await opened.close();
  });
}
