/**
 * Models too large to read: 1.9 GB in one file, 5 GB beside one, 5 GB in one. They are sparse files, so they take no space, and
 * what is read of them is counted in bytes, not in time.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { placesOf } from '../../src/engine/anatomy/addresses.ts';
import { ModelFile } from '../../src/engine/onnx/modelFile.ts';
import { readSkeleton } from '../../src/engine/onnx/skeleton.ts';
import { writeSlim } from '../../src/engine/onnx/slim.ts';
import { readFloats } from '../../src/engine/onnx/weights.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { generated, models, sizeOf } from '../../bench/models/catalogue.ts';
import { fill } from '../../bench/models/fill.ts';
import { gpt2Graph } from '../../bench/models/gpt2.ts';
import { writeModel } from '../../bench/models/write.ts';
import { Counting } from '../lib/byteSources.ts';
import { maxAbs, openFixture } from './fixtures.ts';
import type { Opened } from './fixtures.ts';

const FOUR_GIB = 2 ** 32;
/** One window of the reader (wire.ts): what may be read of a payload along with the tag before it. */
const WINDOW = 4096;
const LAST_NORM = 'transformer.ln_f.weight';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogscope-large-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const inOneFile = (): string => {
  const path = join(folder, 'inline-5GB.onnx');
  writeModel(path, gpt2Graph(models['external-5GB'].shape), { weights: 'inline', sparse: true });
  return path;
};

const cases = [
  { name: '1.9 GB in one file', shape: models['inline-1.9GB'].shape, path: () => generated('inline-1.9GB', folder), bytes: 1.9e9 },
  { name: '5 GB beside the file', shape: models['external-5GB'].shape, path: () => generated('external-5GB', folder), bytes: 5e9 },
  { name: '5 GB in one file', shape: models['external-5GB'].shape, path: inOneFile, bytes: 5e9 },
];

for (const { name, shape, path: make, bytes } of cases) {
  test(`${name}: opens with the anatomy of the same graph at toy size`, async () => {
    const path = make();
    assert.ok(sizeOf(path) > bytes, `it has ${sizeOf(path)} bytes`);
    const large = await openFixture(path);
    const toyPath = join(folder, 'toy.onnx');
    writeModel(toyPath, gpt2Graph({ ...shape, dModel: shape.heads * 4, dMlp: 32, vocab: 50, context: 16 }), { weights: 'inline', sparse: false });
    const toy = await openFixture(toyPath);
    const [tower] = large.anatomy.towers;
    assert.equal(tower?.blocks.length, shape.layers);
    assert.equal(tower?.blocks.at(-1)?.attention?.heads, shape.heads);
    assert.equal(tower?.dModel, shape.dModel);
    assert.deepEqual(addressMap(large), addressMap(toy));
    await large.model.close();
    await toy.model.close();
  });

  test(`${name}: no more of a weight is read than the window that its tag stands in`, () => {
    const file = ModelFile.open(make());
    const source = new Counting(file);
    const { payloads, records, bytes: skeleton } = readSkeleton(source);
    file.close();
    const segments = payloads.flatMap((payload) => payload.segments);
    for (const { offset, length } of segments) {
      const read = source.readWithin(offset, offset + length);
      assert.ok(read <= WINDOW, `${read} bytes of the weight at ${offset} were read`);
    }
    // Everything but weights is read once for the walk, plain stretches a second time for the copy, which leaves the exporter's record out.
    const recorded = records.reduce((sum, { start, end }) => sum + end - start, 0);
    const most = 2 * skeleton.length + recorded + (segments.length + 1) * WINDOW;
    assert.ok(source.total <= most, `${source.total} bytes were read for a skeleton of ${skeleton.length} and a record of ${recorded}`);
  });
}

for (const [name, make] of [['beside the file', () => generated('external-5GB', folder)], ['in the file', inOneFile]] as const) {
  test(`a weight behind 4 GiB ${name} is found, by us and by ONNX Runtime`, async () => {
    const { model } = await openFixture(make());
    const weight = model.weights.get(LAST_NORM);
    const spec = gpt2Graph(models['external-5GB'].shape).weights.find((candidate) => candidate.name === LAST_NORM);
    assert.ok(weight && spec);
    assert.ok(weight.storage.kind === 'file' && weight.storage.offset > FOUR_GIB, 'it lies behind 4 GiB');
    const expected = Float32Array.from([...fill(spec)].flatMap((chunk) => [...new Float32Array(chunk.buffer)]));
    assert.equal(maxAbs(readFloats(model, weight).data, expected), 0, 'read by position');

    const node = model.graph.nodes.find((candidate) => candidate.inputs[1]?.name === LAST_NORM);
    const [input] = node?.inputs ?? [];
    assert.ok(node && input);
    const slim = writeSlim(model, { nodes: [node.proto], inputs: [{ name: input.name, elemType: 1 }], outputs: [{ name: node.proto.output[0] ?? '', elemType: 1 }] });
    const session = await OrtSession.create(slim, { optimization: 'all', threads: 1 });
    // 1 and -1 in turn: the norm leaves them, so the output is weight ± bias.
    const width = expected.length;
    const alternating = Float32Array.from({ length: width }, (_, index) => (index % 2 === 0 ? 1 : -1));
    const outputs = await session.run(new Map([[input.name, { type: 'float32', dims: [1, 1, width], data: alternating }]]), [node.proto.output[0] ?? '']);
    await session.release();
    const bias = model.weights.get('transformer.ln_f.bias');
    const output = [...outputs.values()][0];
    assert.ok(bias && output);
    const biases = readFloats(model, bias).data;
    const wanted = expected.map((scale, index) => scale * (alternating[index] ?? 0) + (biases[index] ?? 0));
    assert.ok(maxAbs(toFloat32(output), wanted) < 1e-4, 'mapped by ONNX Runtime');
    await model.close();
  });
}

function addressMap({ anatomy }: Opened): readonly string[] {
  return placesOf(anatomy).map((entry) => `${entry.address} = ${entry.place.value.name} [${entry.axes.join()}]`);
}
