/** An index over Parquet is the one over the same texts as JSONL, also where it was paused in between. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder } from './fixtures.ts';
import { cogscope } from './lib/cogscope.ts';
import { contentOf } from './lib/neuronIndex.ts';
import { openEngine } from './lib/openEngine.ts';

const scratch = new Scratch();
const model = join(fixtureFolder, 'planted', 'model.onnx');
const parquet = scratch.path('texts.parquet');
copyFileSync(join(fixtureFolder, 'parquet', 'zstd.parquet'), parquet);
const texts = JSON.parse(readFileSync(join(fixtureFolder, 'parquet', 'texts.json'), 'utf8')) as readonly (string | null)[];
const jsonl = scratch.write('texts.jsonl', texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));

/** All but which files they are of, and what was foretold. */
function comparable(db: string): Readonly<Record<string, readonly string[]>> {
  const { source, meta, ...tables } = contentOf(db);
  assert.ok(source?.length === 1 && meta);
  return tables;
}

test('row for row the index that the same texts make as JSONL, in one go and paused after each chunk', async () => {
  const [whole, paused] = [scratch.path('jsonl.db'), scratch.path('parquet.db')];
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', jsonl, '--db', whole, '--length', '32', '--chunk', '150', '--quiet');
  assert.equal(code, 0, stderr);
  const { engine, call } = await openEngine(model, null);
  let pauses = 0;
  for (;;) {
    const controller = new AbortController();
    const progress = (body: unknown): void => {
      if ((body as { readonly kind: string }).kind === 'tokens') controller.abort();
    };
    const finished = await Promise.resolve(engine.indexNeurons({ db: paused, texts: [{ path: parquet }], length: 32, chunkTokens: 150 }, { ...call, progress, signal: controller.signal })).then((made) => made.finished, (error: unknown) => {
      assert.match(String(error), /Paused|Cancelled/);
      return false;
    });
    if (finished) break;
    pauses++;
    assert.ok(pauses < 50, 'it goes on');
  }
  assert.ok(pauses > 2, `it was paused ${pauses} times`);
  assert.deepEqual(comparable(paused), comparable(whole));
});

test('a Parquet file that cannot be read is said before an index is begun', async () => {
  const db = scratch.path('lz4.db');
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', join(fixtureFolder, 'parquet', 'lz4.parquet'), '--db', db, '--quiet');
  assert.equal(code, 4, stderr);
  assert.match(stderr, /^cogscope: The column "text" is compressed by LZ4/);
});
