/** The anatomy is read from structure: names, order and the exporter's record do not matter to it. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { placesOf } from '../../src/engine/anatomy/addresses.ts';
import { sourceReader } from '../../src/engine/anatomy/source.ts';
import { towerSummary } from '../../src/engine/anatomy/summary.ts';
import { ModelProtoSchema } from '../../src/engine/onnx/proto/onnx_pb.js';
import type { GraphProto } from '../../src/engine/onnx/proto/onnx_pb.js';
import { fixtures, openFixture } from './fixtures.ts';
import type { Opened } from './fixtures.ts';
import { cellsOf } from './lib/cells.ts';

for (const fixture of fixtures) {
  test(`${fixture.name}: towers, heads and neurons as PyTorch's configuration has them`, async () => {
    const { anatomy, model } = await openFixture(fixture.path);
    assert.deepEqual(anatomy.refused, []);
    assert.deepEqual(model.problems, []);
    const [tower] = anatomy.towers;
    assert.ok(tower);
    const summary = towerSummary(tower, sourceReader(model.records));
    const expected = fixture.meta.tower;
    const actual = Object.fromEntries(Object.keys(expected).map((key) => [key, (summary as unknown as Record<string, unknown>)[key]]));
    assert.deepEqual(actual, expected);
    await model.close();
  });
}

/** The fixtures, and every architecture of the matrix in one exporter's form. */
const subjects: readonly { readonly name: string; readonly path: string }[] = [
  ...fixtures, ...cellsOf().filter(({ exporter }) => exporter === 'torch-18').map(({ architecture, path }) => ({ name: architecture, path })),
];

for (const subject of subjects) {
  test(`${subject.name}: renamed, shuffled and stripped, the anatomy stays the same`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'cogscope-structure-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'disguised.onnx');
    const names = disguise(subject.path, path);
    const weights = join(dirname(subject.path), 'weights.bin');
    if (existsSync(weights)) copyFileSync(weights, join(folder, 'weights.bin'));
    const plain = await openFixture(subject.path);
    const disguised = await openFixture(path);
    assert.deepEqual(describe(disguised, new Map()), describe(plain, names));
    await plain.model.close();
    await disguised.model.close();
  });
}

/** The anatomy in plain data: every address with its tensor (renamed), layout and axes, sizes and roles. */
function describe(opened: Opened, names: ReadonlyMap<string, string>): unknown {
  const renamed = (name: string): string => names.get(name) ?? name;
  // A convolution's name is a label from the file, where it has one; which it is, is its number.
  const numbers = new Map(opened.anatomy.towers.flatMap((tower) => tower.convolutions.map(({ output }, index) => [output, `conv${index}`] as const)));
  const towers = opened.anatomy.towers.map((tower) => {
    const { blocks, convolutions, ...figures } = towerSummary(tower, sourceReader(opened.model.records));
    return { ...figures, convolutions: convolutions.map((one, index) => ({ ...one, name: `conv${index}`, source: null })), blocks: blocks.map(({ index, attention, mlp }) => ({ index, attention, mlp })) };
  });
  return {
    towers,
    places: placesOf(opened.anatomy).map((entry) => ({ address: numbers.get(entry.place) ?? entry.address, tensor: renamed(entry.place.value.name), layout: entry.place.layout, axes: entry.axes })),
    roles: [...opened.anatomy.roles].map(([value, role]) => [renamed(value.name), role]),
    refused: opened.anatomy.refused,
  };
}

/** Renames every tensor and node, reverses the node order as far as a file may (it need not be sorted), strips the record. */
function disguise(from: string, to: string): ReadonlyMap<string, string> {
  const proto = fromBinary(ModelProtoSchema, readFileSync(from));
  const graph = proto.graph as GraphProto;
  const names = new Map<string, string>();
  const rename = (name: string): string => {
    if (name === '') return '';
    const known = names.get(name);
    if (known) return known;
    // Hashed rather than counted, so that alphabetical order tells nothing either.
    const made = `t${((names.size + 1) * 2654435761 % 4294967296).toString(16)}`;
    names.set(name, made);
    return made;
  };
  graph.node.forEach((node, index) => {
    node.input = node.input.map(rename);
    node.output = node.output.map(rename);
    node.name = `n${(index * 7919) % 104729}`;
    node.metadataProps = [];
    node.docString = '';
  });
  for (const part of [...graph.initializer, ...graph.input, ...graph.output]) part.name = rename(part.name);
  for (const input of graph.input) input.metadataProps = [];
  graph.valueInfo = [];
  graph.metadataProps = [];
  proto.metadataProps = [];
  proto.producerName = '';
  graph.initializer.reverse();
  // A fixed shuffle: stride through the nodes by a number prime to their count.
  const count = graph.node.length;
  const stride = [17, 19, 23, 29].find((prime) => count % prime !== 0) ?? 1;
  graph.node = graph.node.map((_, index) => graph.node[(index * stride) % count] as (typeof graph.node)[number]);
  writeFileSync(to, toBinary(ModelProtoSchema, proto));
  return names;
}
