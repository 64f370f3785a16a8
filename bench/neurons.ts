/** The index of neurons: what it costs beside plain forward passes over the same text, and how long a neuron takes to be looked up in a large one. */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NeuronIndexProgress } from '../src/shared/neurons/build.ts';
import { mix } from '../src/engine/neurons/hash.ts';
import { identityOf } from '../src/engine/neurons/identity.ts';
import { RowReader, START } from '../src/engine/neurons/rows.ts';
import type { Row } from '../src/engine/neurons/rows.ts';
import { MlpState } from '../src/engine/neurons/state/mlp.ts';
import { NeuronIndex } from '../src/engine/neurons/store/index.ts';
import { OnnxModel } from '../src/engine/onnx/model.ts';
import { Tokenizer } from '../src/engine/text/tokenizer.ts';
import { rest, withEngine } from './lib/engine.ts';
import { Reference } from './lib/reference.ts';
import { MB, median } from './lib/results.ts';
import type { Result } from './lib/results.ts';

const LIMIT = 1.2;
const LIMIT_MS = 100;
/** Tokens that the ratio is told for at least: what is made at the end is the same for a thousand and for a million. */
const FORETOLD = 1_000_000;

export interface IndexCase {
  readonly name: string;
  readonly model: string;
  readonly tokenizer: string;
  /** The text, of about so many tokens in rows of `length`. */
  readonly tokens: number;
  readonly length: number;
  readonly pairs: number;
}

/** A text without an empty line, so that rows are as long as the context; of words that the tokenizer has. */
function textOf(tokenizer: Tokenizer, vocabulary: readonly string[], tokens: number): string {
  const words = vocabulary.filter((word) => /^\s?[A-Za-z]{2,}$/.test(word) && tokenizer.encode(` ${word.trim()}`, { special: false }).length === 1).map((word) => word.trim());
  return Array.from({ length: tokens }, (_, at) => (words[mix(7, at) % words.length] ?? 'a') + (at % 13 === 12 ? '.' : '')).join(' ');
}

export async function measureIndexing({ name, model, tokenizer: path, tokens, length, pairs }: IndexCase, folder: string): Promise<readonly Result[]> {
  mkdirSync(folder, { recursive: true });
  const tokenizer = Tokenizer.find(model, path);
  if ('missing' in tokenizer) throw new Error(tokenizer.missing);
  const vocabulary = Array.from({ length: 20_000 }, (_, id) => tokenizer.decode(id)).filter((word) => !/^\[\d+\]$/.test(word));
  const [text, db] = [join(folder, `${name}.txt`), join(folder, `${name}.db`)];
  writeFileSync(text, textOf(tokenizer, vocabulary, tokens));
  const rows: Row[] = [];
  for await (const row of new RowReader(tokenizer, length, null).read([{ path: text }], START)) rows.push(row);
  const total = rows.reduce((sum, { ids }) => sum + ids.length, 0);
  const reference = await Reference.load(model);
  const plain: number[] = [];
  const reading: number[] = [];
  const ending: number[] = [];
  let [bytes, neurons] = [0, 0];
  for (let pair = 0; pair < pairs; pair++) {
    await rest(500);
    const passes = async (some: readonly Row[]): Promise<number> => {
      let ms = 0;
      for (const { ids } of some) ms += await reference.run([...ids]);
      return ms;
    };
    // Half of them before and half behind ours, since a machine's speed drifts.
    const half = rows.length >> 1;
    const before = await passes(rows.slice(0, half));
    await rest(500);
    await withEngine(async (engine) => {
      await engine.call('open', { path: model, tokenizer: path });
      let begun = 0;
      let read = 0;
      const onProgress = (body: unknown): void => {
        const progress = body as NeuronIndexProgress;
        if (progress.kind === 'forecast') begun = performance.now();
        if (progress.kind === 'tokens') read = performance.now();
        if (progress.kind === 'forecast') neurons = progress.neurons;
      };
      const result = await engine.call('indexNeurons', { texts: [{ path: text }], db, length, rebuild: true }, { onProgress });
      reading.push((read - begun) / total);
      ending.push(performance.now() - read);
      bytes = result.bytes;
    });
    await rest(500);
    plain.push((before + await passes(rows.slice(half))) / total);
  }
  await reference.end();
  const of = Math.max(total, FORETOLD);
  const whole = reading.map((each, at) => each * of + (ending[at] ?? NaN));
  const note = `${neurons} neurons, ${total} tokens in rows of ${length}, ${pairs} pairs`;
  return [
    { id: `neurons.${name}.reading`, what: `Index of ${name}: reading the text`, value: median(plain.map((each, at) => (reading[at] ?? NaN) / each)), unit: 'x', limit: LIMIT, note: `of plain forward passes; ${note}; ${Math.round(1000 / median(reading))} tokens a second` },
    { id: `neurons.${name}.ending`, what: '  readings and output tokens at the end', value: median(ending), unit: 'ms', note: `once, whatever the text; the index has ${(bytes / MB).toFixed(0)} MB` },
    { id: `neurons.${name}.million`, what: `  all of it, ${(of / 1e6).toFixed(2)} million tokens`, value: median(plain.map((each, at) => (whole[at] ?? NaN) / (each * of))), unit: 'x', limit: LIMIT, note: `of plain forward passes; ${(median(whole) / 60_000).toFixed(1)} minutes${total < FORETOLD ? ', told from the two above' : ''}` },
  ];
}

/** GPT-2 small's shape, and rows of text until the file has a gigabyte. */
const SHAPE = { layers: 12, neurons: 3072 };
const ROWS = { count: 280_000, length: 256, atOnce: 4000 };
const LOOKUPS = 200;

export async function measureLookups(model: string, tokenizerPath: string, folder: string): Promise<readonly Result[]> {
  mkdirSync(folder, { recursive: true });
  const db = join(folder, 'gigabyte.db');
  await writeLarge(model, tokenizerPath, db);
  const size = statSync(db).size;
  const ms: number[] = [];
  await withEngine(async (engine) => {
    await engine.call('open', { path: model, tokenizer: tokenizerPath });
    await engine.call('neuronIndex', { db });
    for (let time = 0; time < LOOKUPS; time++) {
      const address = `L${mix(1, time) % SHAPE.layers}N${mix(2, time) % SHAPE.neurons}`;
      const started = performance.now();
      const { examples } = await engine.call('neuronFigures', { db, address });
      ms.push(performance.now() - started);
      if (examples.length < 100) throw new Error(`${address} has ${examples.length} examples`);
    }
  });
  rmSync(db, { force: true });
  const worst = Math.max(...ms);
  return [
    { id: 'neurons.lookup.worst', what: `A neuron out of ${(size / 1e9).toFixed(2)} GB, the slowest of ${LOOKUPS}`, value: worst, unit: 'ms', limit: LIMIT_MS, note: `median ${median(ms).toFixed(1)} ms; from the call to its figures with 104 examples in their contexts on this side` },
  ];
}

/** Made-up examples that point all over the text. */
async function writeLarge(model: string, tokenizerPath: string, db: string): Promise<void> {
  rmSync(db, { force: true });
  const onnx = await OnnxModel.open(model);
  const tokenizer = Tokenizer.find(model, tokenizerPath);
  if ('missing' in tokenizer) throw new Error(tokenizer.missing);
  const identity = await identityOf({ model: onnx, tokenizer });
  await onnx.close();
  const mlps = Array.from({ length: SHAPE.layers }, (_, layer) => {
    const state = new MlpState(layer, SHAPE.neurons, { low: new Float32Array(SHAPE.neurons), high: new Float32Array(SHAPE.neurons).fill(1) });
    const { examples } = state;
    for (let at = 0; at < examples.value.length; at++) {
      examples.put(at, { value: (mix(layer, at) % 1000) / 1000, row: mix(layer, at, 1) % ROWS.count, position: mix(layer, at, 2) % ROWS.length, source: 0, context: at });
    }
    return state;
  });
  const state = { position: START, tokens: 0, sampled: 0, lines: 0, expected: 0, read: false, layers: 0, finished: false };
  const index = await NeuronIndex.create(db, { model: identity, settings: { length: ROWS.length, chunkTokens: 1, every: 1, seed: 1 }, state }, [{ path: 'made-up.txt', field: null, bytes: 0, sha256: '' }], { mlps, heads: [] }, { mlps: [], vocabulary: [], described: [] });
  for (let from = 0; from < ROWS.count; from += ROWS.atOnce) {
    const rows = Array.from({ length: ROWS.atOnce }, (_, at) => {
      const ids = Uint32Array.from({ length: ROWS.length }, (_unused, position) => mix(from + at, position) % 3000);
      return { id: from + at, row: { ids, starts: ids, scored: new Uint8Array(ROWS.length), source: 0, record: 1, offset: 0, next: START } };
    });
    index.commit(rows, from === 0 ? { mlps, heads: [] } : { mlps: [], heads: [] }, { ...state, lines: from + ROWS.atOnce, tokens: (from + ROWS.atOnce) * ROWS.length });
  }
  index.settle();
  index.close();
}
