/** Texts, models, indexes and disks that are not as they should be: a sentence each, and nothing is lost. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { NeuronIndexProgress } from '../../src/shared/neurons/build.ts';
import { NeuronIndex } from '../../src/engine/neurons/store/index.ts';
import { WriterLock } from '../../src/engine/neurons/store/lock.ts';
import { bareRow, RowReader, START } from '../../src/engine/neurons/rows.ts';
import { Tokenizer } from '../../src/engine/text/tokenizer.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder } from './fixtures.ts';
import { cogscope, json, script } from './lib/cogscope.ts';
import type { Ended } from './lib/cogscope.ts';
import { contentOf, linesOf } from './lib/neuronIndex.ts';
import { openEngine } from './lib/openEngine.ts';

const scratch = new Scratch();
const folder = join(fixtureFolder, 'planted');
const model = join(folder, 'model.onnx');
const text = join(folder, 'text.txt');
const index = (db: string, from: string, ...more: readonly string[]): Promise<Ended> => cogscope('neurons', 'index', model, '--text', from, '--db', db, '--quiet', ...more);

function refused({ code, stderr, stdout }: Ended, exit: number, said: RegExp, db: string): void {
  assert.equal(code, exit, stderr);
  assert.match(stderr, said);
  assert.equal(stderr.trim().split('\n').length, 1, `one sentence: ${stderr}`);
  assert.equal(stdout, '');
  assert.ok(!existsSync(`${db}-lock`), 'its lock is gone');
}

test('files without text, of bytes and of other encodings are refused with a sentence', async () => {
  const texts = [
    ['empty', '', 2, /There is no text in what is to be indexed/], ['white', ' \n\n \t\n', 2, /There is no text/],
    ['binary', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2]), 3, /binary file and no text/], ['latin1', Buffer.from('Müll im Fluß', 'latin1'), 3, /not in UTF-8/],
  ] as const;
  for (const [name, content, exit, said] of texts) {
    const db = scratch.path(`${name}.db`);
    refused(await index(db, scratch.write(`${name}.txt`, content)), exit, said, db);
  }
});

test('UTF-16 with its mark is the same text as UTF-8', async () => {
  const [one, other] = [scratch.path('utf8.db'), scratch.path('utf16.db')];
  const some = readFileSync(text, 'utf8').slice(0, 3000);
  for (const [db, path] of [[one, scratch.write('u8.txt', some)], [other, scratch.write('u16.txt', Buffer.from(`\ufeff${some}`, 'utf16le'))]] as const) assert.equal((await index(db, path)).code, 0);
  const [a, b] = [contentOf(one), contentOf(other)];
  for (const table of ['line', 'mlp', 'neuron', 'reading']) assert.deepEqual(b[table], a[table], table);
});

test('one line of ten megabytes is indexed in rows of the model’s context', async () => {
  const words = readFileSync(text, 'utf8').split(/\s+/).join(' ');
  const line = scratch.write('line.txt', words.repeat(Math.ceil(10e6 / words.length)));
  const db = scratch.path('line.db');
  const forecast = await json('neurons', 'index', model, '--text', line, '--db', db, '--quiet', '--dry-run') as { readonly forecast: { readonly tokens: number } };
  assert.ok(forecast.forecast.tokens > 1e6, `${forecast.forecast.tokens} tokens are foretold`);
  const tokenizer = Tokenizer.find(model, null);
  assert.ok(!('missing' in tokenizer));
  let seen = 0;
  for await (const { ids, next } of new RowReader(tokenizer, 64, null).read([{ path: line }], START)) {
    assert.ok(ids.length > 0 && ids.length <= 64, `row ${seen} fits into the context`);
    assert.equal(next.source, 0);
    if (++seen === 2000) break;
  }
  assert.equal(seen, 2000);
  // Two of its chunks, each in a sitting of its own.
  const { engine, call } = await openEngine(model, null);
  for (const chunks of [1, 2]) {
    const controller = new AbortController();
    const progress = (body: unknown): void => {
      if ((body as NeuronIndexProgress).kind === 'tokens') controller.abort();
    };
    await assert.rejects(Promise.resolve(engine.indexNeurons({ db, texts: [{ path: line }], chunkTokens: 1000 }, { ...call, progress, signal: controller.signal })), /Paused with [\d,]+ tokens/);
    const lines = linesOf(db);
    assert.ok(lines.length >= chunks * Math.floor(1000 / 64) && lines.every(({ ids }) => ids.length > 0 && ids.length <= 64), `${lines.length} rows behind ${chunks} chunks`);
  }
});

test('a model or a text that changed since is said, and the index is made again only when that is asked for', async () => {
  const own = scratch.path('own');
  mkdirSync(own);
  const [copy, words, db] = [join(own, 'model.onnx'), join(own, 'text.txt'), join(own, 'index.db')];
  copyFileSync(model, copy);
  copyFileSync(join(folder, 'tokenizer.json'), join(own, 'tokenizer.json'));
  copyFileSync(text, words);
  const again = (...more: readonly string[]): Promise<Ended> => cogscope('neurons', 'index', copy, '--text', words, '--db', db, '--quiet', ...more);
  assert.equal((await again()).code, 0);
  const before = contentOf(db);
  const bytes = readFileSync(copy);
  // The last byte of the graph's name or of a weight: still a model, and another one.
  const at = bytes.indexOf(Buffer.from('main_graph'));
  writeFileSync(copy, at >= 0 ? Buffer.concat([bytes.subarray(0, at), Buffer.from('Main_graph'), bytes.subarray(at + 10)]) : bytes);
  assert.ok(at >= 0, 'the fixture has a graph of that name');
  refused(await again(), 4, /The model changed since its index was made from model.onnx.*"Index Neurons" in the editor.*--rebuild/, db);
  refused(await cogscope('neurons', 'show', copy, 'L0N0', '--db', db), 4, /The model changed.*"Index Neurons" in the editor.*--rebuild/, db);
  assert.deepEqual(contentOf(db), before, 'the index is untouched');
  assert.equal((await again('--rebuild')).code, 0);
  assert.equal((await cogscope('neurons', 'show', copy, 'L0N0', '--db', db)).code, 0);
  writeFileSync(words, `${readFileSync(words, 'utf8')}\n\nAnna saw the house .\n`);
  refused(await again(), 4, /The text text.txt changed since the index was begun.*"Index Neurons" in the editor.*--rebuild/, db);
});

test('an index of a newer version is left alone, unless it is to be made again', async () => {
  const db = scratch.path('newer.db');
  assert.equal((await index(db, text)).code, 0);
  const database = new DatabaseSync(db);
  database.exec('PRAGMA user_version = 9999');
  database.close();
  refused(await index(db, text), 4, /newer version of Cogscope.*"Index Neurons" in the editor.*--rebuild/, db);
  assert.equal((await index(db, text, '--rebuild')).code, 0);
  assert.equal((await cogscope('neurons', 'show', model, 'L0N0', '--db', db)).code, 0);
});

test('a file that is no index is never written over', async () => {
  const path = scratch.write('notes.txt', 'These are my notes. '.repeat(50));
  for (const more of [[], ['--rebuild']]) refused(await index(path, text, ...more), 3, /no index/, path);
  assert.match(readFileSync(path, 'utf8'), /^These are my notes/);
});

test('a full disk is said, and what was committed stays', async () => {
  const db = scratch.path('full.db');
  assert.equal((await index(db, text)).code, 0);
  const before = contentOf(db);
  const open = await NeuronIndex.open(db, { readOnly: false });
  // SQLite's own word for it, without a disk to fill.
  open.database.exec('PRAGMA max_page_count = 1');
  const rows = Array.from({ length: 400 }, (_, at) => ({ id: 100_000 + at, row: bareRow(new Uint32Array(2000)) }));
  assert.throws(() => open.commit(rows, { mlps: [], heads: [] }, open.state), (error) => error instanceof CogscopeError && error.code === 'unreadable' && /The disk is full.*Make room/.test(error.message));
  open.close();
  assert.deepEqual(contentOf(db), before);
});

test('a disk that takes no more is said by the command line, and the index goes on from there', { skip: process.platform === 'win32' && 'there is no limit for files' }, async () => {
  const [db, whole] = [scratch.path('limited.db'), scratch.path('unlimited.db')];
  const args = ['neurons', 'index', model, '--text', text, '--chunk', '1000', '--quiet'];
  assert.equal((await cogscope(...args, '--db', whole)).code, 0);
  // Kilobytes of any one file: enough for the first chunks, and not for the log of all.
  const limited = spawnSync('bash', ['-c', `ulimit -f ${Math.round((1.4 * statSync(whole).size) / 1024)}; exec "$0" "$@"`, process.execPath, script, ...args, '--db', db], { encoding: 'utf8' });
  refused({ code: limited.status, stdout: limited.stdout, stderr: limited.stderr }, 3, /The disk (is full|does not take the index).*what was done so far is kept/, db);
  const kept = linesOf(db).length;
  assert.ok(kept > 0 && kept < linesOf(whole).length, `${kept} rows were kept`);
  assert.equal((await cogscope(...args, '--db', db)).code, 0);
  assert.deepEqual(contentOf(db), contentOf(whole));
});

test('where nothing can be written, that is said; an index there is read all the same', async () => {
  const db = scratch.path('kept/index.db');
  mkdirSync(scratch.path('kept'));
  assert.equal((await index(db, text)).code, 0);
  assert.deepEqual(readdirSync(scratch.path('kept')), ['index.db'], 'a finished index is one file');
  chmodSync(db, 0o444);
  chmodSync(scratch.path('kept'), 0o555);
  try {
    assert.equal((await cogscope('neurons', 'show', model, 'L0N0', '--db', db)).code, 0);
    // Whoever may write anywhere may not write there.
    const nowhere = process.platform === 'linux' && process.getuid?.() === 0 ? '/proc/index.db' : scratch.path('kept/other.db');
    refused(await index(nowhere, text), 3, /The index cannot be (opened|written to)/, nowhere);
  } finally {
    chmodSync(scratch.path('kept'), 0o755);
  }
});

test('of two that index at once the second is told, and the first is not disturbed', async () => {
  const db = scratch.path('twice.db');
  const lock = await WriterLock.take(db);
  refusedWhileHeld(await index(db, text));
  lock.release();
  assert.equal((await index(db, text)).code, 0);
  const other = await WriterLock.take(db);
  assert.equal((await cogscope('neurons', 'show', model, 'L0N0', '--db', db)).code, 0, 'who reads need not wait');
  other.release();
});

function refusedWhileHeld({ code, stderr }: Ended): void {
  assert.equal(code, 4, stderr);
  assert.match(stderr, /Another window or command is making this index.*Wait for it/);
}
