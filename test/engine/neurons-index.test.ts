/** The index of neurons holds what an untouched session of ONNX Runtime computes in the same file on the same rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NeuronIndex } from '../../src/engine/neurons/store/index.ts';
import type { HeadState } from '../../src/engine/neurons/state/heads.ts';
import { BINS, TOP } from '../../src/engine/neurons/state/mlp.ts';
import { Scratch } from '../lib/scratch.ts';
import { wordText, wordTokenizer } from '../lib/wordTokenizer.ts';
import { fixture, openFixture } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { linesOf } from './lib/neuronIndex.ts';
import { UntouchedRows } from './lib/untouchedRows.ts';

const scratch = new Scratch();
const VOCAB = 96;
/** Of the same numbers by another order of sums. */
const TOLERANCE = 2e-5;

for (const [name, begins] of [['gpt2-sdpa-20', true], ['gpt2-eager-18', false], ['llama-sdpa-20', true], ['bert-sdpa-18', false]] as const) {
  test(`${name}: figures, histograms and strongest examples are those of an untouched session`, async () => {
    const { path } = fixture(name);
    const tokenizer = scratch.write(`${name}.json`, wordTokenizer(VOCAB, { begins }));
    const text = scratch.write(`${name}.txt`, wordText(40, VOCAB, 7));
    const db = scratch.path(`${name}.db`);
    const made = await json('neurons', 'index', path, '--text', text, '--db', db, '--tokenizer', tokenizer, '--length', '32', '--chunk', '300') as { readonly tokens: number; readonly finished: boolean };
    assert.equal(made.finished, true);
    const index = await NeuronIndex.open(db, { readOnly: true });
    const untouched = await UntouchedRows.open(path);
    const lines = linesOf(db);
    const first = begins ? 1 : 0;
    assert.equal(made.tokens, lines.reduce((sum, line) => sum + line.ids.length - first, 0), 'every token of the text counts, and those of the tokenizer do not');
    const heads = (await openFixture(path)).anatomy.towers[0]?.blocks[0]?.attention?.heads ?? 0;
    const { mlps, heads: [head] } = index.tables([{ layer: 0, heads, pattern: undefined as never }]);
    assert.ok(mlps.length > 0);
    for (const { layer, neurons, sum, firing, largest, low, high, histogram, examples } of mlps) {
      const rows = new Map<number, Float32Array>();
      for (const { id, ids } of lines) rows.set(id, (await untouched.run(ids, layer)).post);
      for (let neuron = 0; neuron < neurons; neuron++) {
        const where = `${name} L${layer}N${neuron}`;
        const values = lines.flatMap(({ id, ids }) => ids.slice(first).map((_, at) => rows.get(id)?.[(at + first) * neurons + neuron] ?? NaN));
        close(sum[neuron], values.reduce((total, value) => total + value, 0), `${where}: sum`, 1e-3);
        close(largest[neuron], Math.max(...values), `${where}: maximum`);
        const near = values.filter((value) => Math.abs(value) < TOLERANCE).length;
        close(firing[neuron], values.filter((value) => value > 0).length, `${where}: tokens that it fires on`, near);
        checkHistogram(values, low[neuron] ?? 0, high[neuron] ?? 0, histogram.subarray(neuron * BINS, (neuron + 1) * BINS), where);
        for (let place = neuron * examples.places; place < (neuron + 1) * examples.places; place++) {
          const value = examples.value[place] ?? NaN;
          if (value === -Infinity) continue;
          close(value, rows.get(examples.row[place] ?? -1)?.[(examples.position[place] ?? -1) * neurons + neuron], `${where}: example ${place - neuron * examples.places}`);
        }
        close(Math.max(...examples.value.subarray(neuron * examples.places, neuron * examples.places + TOP)), Math.max(...values), `${where}: the strongest example`);
      }
    }
    assert.ok(head);
    for (const { id, ids } of lines.slice(0, 8)) checkHeads(head, heads, { row: id, length: ids.length, first }, (await untouched.run(ids, 0)).pattern, name);
    index.close();
  });
}

function close(value: number | undefined, expected: number | undefined, what: string, tolerance = TOLERANCE): void {
  assert.ok(Math.abs((value ?? NaN) - (expected ?? NaN)) <= tolerance * Math.max(1, Math.abs(expected ?? 0)), `${what} is ${value} and should be ${expected}`);
}

/** Counts may differ where a value lies at the edge of two bins. */
function checkHistogram(values: readonly number[], low: number, high: number, histogram: Uint32Array, where: string): void {
  const width = (high - low) / BINS;
  for (const [bin, count] of histogram.entries()) {
    const [from, to] = [bin === 0 ? -Infinity : low + bin * width, bin === BINS - 1 ? Infinity : low + (bin + 1) * width];
    const least = values.filter((value) => value >= from + TOLERANCE && value < to - TOLERANCE).length;
    const most = values.filter((value) => value >= from - TOLERANCE && value < to + TOLERANCE).length;
    assert.ok(count >= least && count <= most, `${where}: bin ${bin} has ${count} of ${least} to ${most}`);
  }
}

/** Each pair has its weight, and is the strongest of its row, to anything but the first position. */
function checkHeads({ examples }: HeadState, heads: number, { row, length, first }: { readonly row: number; readonly length: number; readonly first: number }, pattern: Float32Array, name: string): void {
  for (let head = 0; head < heads; head++) {
    const at = (dest: number, src: number): number => pattern[(head * length + dest) * length + src] ?? NaN;
    let strongest = 0;
    for (let dest = first; dest < length; dest++) for (let src = 1; src < length; src++) strongest = Math.max(strongest, at(dest, src));
    for (let place = head * examples.places; place < (head + 1) * examples.places; place++) {
      if (examples.row[place] !== row || examples.value[place] === -Infinity) continue;
      const where = `${name} L0H${head}: the pair of row ${row}`;
      close(examples.value[place], at(examples.position[place] ?? -1, examples.source[place] ?? -1), where);
      close(examples.value[place], strongest, `${where} as its strongest`);
    }
  }
}

test('the contexts of strongest examples are all different', async () => {
  const { path } = fixture('gpt2-sdpa-20');
  const tokenizer = scratch.write('twice.json', wordTokenizer(VOCAB, { begins: false }));
  const text = scratch.write('twice.txt', Array.from({ length: 30 }, () => 'w1 w2 w3 w4 w5').join('\n\n'));
  const db = scratch.path('twice.db');
  const { code, stderr } = await cogscope('neurons', 'index', path, '--text', text, '--db', db, '--tokenizer', tokenizer);
  assert.equal(code, 0, stderr);
  const index = await NeuronIndex.open(db, { readOnly: true });
  const [mlp] = index.tables([]).mlps;
  assert.ok(mlp);
  for (let neuron = 0; neuron < mlp.neurons; neuron++) {
    const taken: number = mlp.examples.value.subarray(neuron * mlp.examples.places, neuron * mlp.examples.places + TOP).filter((value) => value !== -Infinity).length;
    assert.equal(taken, 1, `N${neuron} has one example of one paragraph said thirty times`);
  }
  index.close();
});
