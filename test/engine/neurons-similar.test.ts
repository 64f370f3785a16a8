/** Neurons that are alike: by weights as the test itself reads them from the file, by examples as `neurons show` lists them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/engine/onnx/proto/onnx_pb.js';
import type { NeuronFigures } from '../../src/shared/neurons/figures.ts';
import type { SimilarList, SimilarNeurons } from '../../src/shared/neurons/similar.ts';
import { Scratch } from '../lib/scratch.ts';
import { node } from '../lib/protos.ts';
import { wordText, wordTokenizer } from '../lib/wordTokenizer.ts';
import { fixture } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { openEngine } from './lib/openEngine.ts';

const scratch = new Scratch();
const VOCAB = 96;
const tokenizer = scratch.write('tokenizer.json', wordTokenizer(VOCAB, { begins: false }));
const text = scratch.write('text.txt', wordText(40, VOCAB, 7));

const gpt2 = fixture('gpt2-sdpa-20').path;
const gpt2Outs = [0, 1, 2].map((layer) => `model.transformer.h.${layer}.mlp.c_proj.weight`);

interface Model {
  readonly path: string;
  /** Names of W_out by layer. */
  readonly outs: readonly string[];
  /** The file has them as [width, neurons]. */
  readonly turned: boolean;
}

const models: Readonly<Record<string, Model>> = {
  'gpt2-sdpa-20': { path: gpt2, outs: gpt2Outs, turned: false },
  'llama-sdpa-20': { path: fixture('llama-sdpa-20').path, outs: ['val_249', 'val_425'], turned: false },
  'gpt2-turned': { path: turnedGpt2(), outs: gpt2Outs, turned: true },
};

before(async () => {
  for (const [name, { path }] of Object.entries(models)) {
    const { code, stderr } = await cogscope('neurons', 'index', path, '--text', text, '--db', scratch.path(`${name}.db`), '--tokenizer', tokenizer, '--length', '32');
    assert.equal(code, 0, stderr);
  }
});

for (const [name, { path, outs, turned }] of Object.entries(models)) {
  test(`${name}: neurons that write alike are those with the largest cosines of W_out's rows in the file`, async () => {
    const { engine, call } = await openEngine(path, tokenizer);
    const rows = outs.flatMap((out, layer) => rowsOf(path, out, turned).map((row, neuron) => ({ address: `L${layer}N${neuron}`, row })));
    for (const { address, row } of rows.filter((_, at) => at % 37 === 0)) {
      const expected = rows.filter((other) => other.address !== address).map((other) => ({ address: other.address, similarity: cosine(row, other.row) }))
        .filter(({ similarity }) => Number.isFinite(similarity)).sort((a, b) => b.similarity - a.similarity);
      const { weights } = await engine.similarNeurons({ db: scratch.path(`${name}.db`), address }, call);
      agree(`${name} ${address}, by weights`, weights, expected);
    }
  });

  test(`${name}: neurons that fire alike are those whose strongest examples stand at the same places`, async () => {
    const db = scratch.path(`${name}.db`);
    const { engine, call } = await openEngine(path, tokenizer);
    const addresses = outs.flatMap((out, layer) => rowsOf(path, out, turned).map((_, neuron) => `L${layer}N${neuron}`));
    const places = new Map<string, ReadonlySet<string>>();
    for (const address of addresses) places.set(address, placesOf(await engine.neuronFigures({ db, address }, call)));
    for (const address of addresses.filter((_, at) => at % 37 === 0)) {
      const own = places.get(address) ?? new Set();
      const expected = addresses.filter((other) => other !== address).map((other) => ({ address: other, similarity: overlap(own, places.get(other) ?? new Set()) }))
        .filter(({ similarity }) => similarity > 0).sort((a, b) => b.similarity - a.similarity);
      assert.ok(expected.length > 10, `${address} shares places with too few to tell anything`);
      const { examples } = await engine.similarNeurons({ db, address }, call);
      agree(`${name} ${address}, by examples`, examples, expected);
    }
  });
}

test('`neurons show` tells both, with what the neurons respond to', async () => {
  const [path, db] = [gpt2, scratch.path('gpt2-sdpa-20.db')];
  const { engine, call } = await openEngine(path, tokenizer);
  const { weights, examples }: SimilarNeurons = await engine.similarNeurons({ db, address: 'L1N7' }, call);
  const shown = await json('neurons', 'show', path, 'L1N7', '--db', db, '--tokenizer', tokenizer) as { readonly similar: unknown };
  assert.deepEqual(shown.similar, { weights, examples });
  assert.ok(weights.kind === 'found');
  const [first] = weights.neurons;
  assert.ok(first);
  const { readings } = await engine.neuronFigures({ db, address: first.address }, call);
  assert.deepEqual(first.labels, readings.filter(({ rule }) => rule !== null).map(({ label }) => label));
  const { stdout } = await cogscope('neurons', 'show', path, 'L1N7', '--db', db, '--tokenizer', tokenizer);
  for (const title of ['Neurons that write alike', 'Neurons that fire alike']) assert.ok(stdout.includes(title), `"${title}" is not told: ${stdout}`);
  assert.ok(stdout.includes(`  ${first.address} `), `${first.address} is not listed: ${stdout}`);
});

test('a neuron that writes nothing is like none by its weights', async () => {
  const { engine, call } = await openEngine(turnedGpt2(), tokenizer);
  const { weights } = await engine.similarNeurons({ db: scratch.path('gpt2-turned.db'), address: 'L0N5' }, call);
  assert.deepEqual(weights, { kind: 'none', reason: 'Its output weights are all 0' });
});

test('an address that is no neuron of the index is refused', async () => {
  const { engine, call } = await openEngine(gpt2, tokenizer);
  const ask = async (address: string): Promise<SimilarNeurons> => await engine.similarNeurons({ db: scratch.path('gpt2-sdpa-20.db'), address }, call);
  await assert.rejects(ask('L1H2'), /is no neuron/);
  await assert.rejects(ask('L9N2'), /no neurons of layer 9/);
  await assert.rejects(ask('L1N99999'), /Layer 1 has/);
});

/** The same function with each W_out the other way round in the file, but that L0N5 writes nothing. */
function turnedGpt2(): string {
  const proto = fromBinary(ModelProtoSchema, readFileSync(gpt2));
  for (const [layer, name] of gpt2Outs.entries()) {
    const weight = proto.graph?.initializer.find((one) => one.name === name);
    const product = proto.graph?.node.find((one) => one.input[1] === name);
    assert.ok(weight && product?.opType === 'Gemm', `${name} is multiplied by a Gemm`);
    const rows = rowsOf(gpt2, name, false).map((row, neuron) => (layer === 0 && neuron === 5 ? row.fill(0) : row));
    const turned = Float32Array.from({ length: weight.rawData.length / 4 }, (_, at) => rows[at % rows.length]?.[Math.floor(at / rows.length)] ?? NaN);
    weight.rawData = new Uint8Array(turned.buffer);
    weight.dims.reverse();
    product.attribute = node('Gemm', [], [], { transB: 1 }).attribute;
  }
  return scratch.write('gpt2-turned.onnx', toBinary(ModelProtoSchema, proto));
}

function rowsOf(path: string, name: string, turned: boolean): readonly Float32Array[] {
  const weight = fromBinary(ModelProtoSchema, readFileSync(path)).graph?.initializer.find((one) => one.name === name) ?? assert.fail(`${path} has no ${name}`);
  const data = new Float32Array(new Uint8Array(weight.rawData).buffer);
  const [rows = 0, cols = 0] = weight.dims.map(Number);
  return turned
    ? Array.from({ length: cols }, (_, neuron) => Float32Array.from({ length: rows }, (__, at) => data[at * cols + neuron] ?? NaN))
    : Array.from({ length: rows }, (_, neuron) => data.slice(neuron * cols, (neuron + 1) * cols));
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, at) => sum + value * (y[at] ?? NaN), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const placesOf = ({ examples }: NeuronFigures): ReadonlySet<string> => new Set(examples.filter(({ activation }) => activation > 0).slice(0, 24).map(({ row, position }) => `${row}/${position}`));

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return [...a].filter((place) => b.has(place)).length / new Set([...a, ...b]).size;
}

/** Ten, each with its own number, in the order of the numbers; two that are equal may change places. */
function agree(where: string, list: SimilarList, expected: readonly { readonly address: string; readonly similarity: number }[]): void {
  assert.ok(list.kind === 'found', `${where}: ${JSON.stringify(list)}`);
  assert.equal(list.neurons.length, 10, where);
  for (const [at, { address, similarity }] of list.neurons.entries()) {
    const [own, wanted] = [expected.find((one) => one.address === address)?.similarity ?? NaN, expected[at]?.similarity ?? NaN];
    assert.ok(Math.abs(similarity - own) < 1e-6, `${where}: ${address} has ${similarity} and should have ${own}`);
    assert.ok(Math.abs(similarity - wanted) < 1e-6, `${where}: number ${at} has ${similarity} and should have ${wanted}`);
  }
}
