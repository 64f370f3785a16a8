/** Parquet as a text: what is read is what pyarrow reads in the files that it wrote, and what is not read is said. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parquetColumns, parquetSize } from '../../../src/engine/neurons/text/parquet.ts';
import { readPieces } from '../../../src/engine/neurons/text/source.ts';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { Scratch } from '../../lib/scratch.ts';

const scratch = new Scratch();
const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'parquet');
/** What pyarrow reads in the column "text", row by row. */
const texts = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8')) as readonly (string | null)[];

/** The texts of a file by their row. */
async function rowsOf(path: string, field?: string, limit?: number): Promise<ReadonlyMap<number, string>> {
  const rows = new Map<number, string>();
  for await (const { text, record, offset } of readPieces({ path, ...(field === undefined ? {} : { field }) }, limit)) {
    assert.equal(offset, rows.get(record)?.length ?? 0, `row ${record}: a piece begins where the one before ends`);
    rows.set(record, `${rows.get(record) ?? ''}${text}`);
  }
  return rows;
}

const expected = new Map(texts.flatMap((text, at) => (text === null || text.trim() === '' ? [] : [[at + 1, text] as const])));

async function refusal(path: string, code: string, field?: string): Promise<string> {
  let said = '';
  await assert.rejects(rowsOf(path, field), (error) => {
    assert.ok(error instanceof CogscopeError, String(error));
    assert.equal(error.code, code, error.message);
    said = error.message;
    return true;
  });
  return said;
}

for (const name of ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'plain-v2']) {
  test(`${name}: every text of every group of rows, under the number of its row`, async () => {
    const rows = await rowsOf(join(folder, `${name}.parquet`));
    assert.deepEqual([...rows.keys()], [...expected.keys()]);
    for (const [row, text] of expected) assert.equal(rows.get(row), text, `row ${row}`);
  });
}

test('the size is that of the texts, not of the file, and a limit ends the reading', async () => {
  const path = join(folder, 'zstd.parquet');
  const bytes = Buffer.byteLength(texts.join(''));
  const size = await parquetSize(path, undefined);
  assert.ok(size > 0.9 * bytes && size < 1.5 * bytes, `${size} bytes of ${bytes}`);
  const rows = await rowsOf(path, undefined, 500);
  assert.ok(rows.size < expected.size && [...rows.values()].join('').length >= 500);
});

test('the column is the named one, "text", or the only one of strings', async () => {
  assert.deepEqual([...(await rowsOf(join(folder, 'one.parquet'))).values()], texts.slice(0, 3));
  assert.deepEqual([...(await rowsOf(join(folder, 'several.parquet'), 'body')).values()], texts.slice(0, 3));
  assert.deepEqual(await parquetColumns(join(folder, 'several.parquet')), ['title', 'body']);
  assert.deepEqual(await parquetColumns(join(folder, 'snappy.parquet')), ['text'], 'a list of strings and numbers are none');
  assert.match(await refusal(join(folder, 'several.parquet'), 'usage'), /2 columns of strings.*--field: "title", "body"/);
  assert.match(await refusal(join(folder, 'several.parquet'), 'usage', 'id'), /"id" does not hold strings.*--field: "title", "body"/);
  assert.match(await refusal(join(folder, 'several.parquet'), 'usage', 'none'), /no column "none".*--field: "title", "body"/);
  assert.match(await refusal(join(folder, 'numbers.parquet'), 'usage'), /no column of strings/);
});

test('a file without rows has no text', async () => {
  assert.equal((await rowsOf(join(folder, 'empty.parquet'))).size, 0);
});

test('what is no Parquet, cut off, damaged, encrypted or compressed otherwise is said in a sentence', async () => {
  const whole = readFileSync(join(folder, 'snappy.parquet'));
  assert.match(await refusal(scratch.write('prose.parquet', 'Lily said hello. '.repeat(30)), 'unreadable'), /is no Parquet/);
  assert.match(await refusal(scratch.write('nothing.parquet', ''), 'unreadable'), /is no Parquet/);
  assert.match(await refusal(scratch.path('none.parquet'), 'unreadable'), /cannot be opened/);
  assert.match(await refusal(scratch.write('cut.parquet', whole.subarray(0, whole.length - 100)), 'unreadable'), /cut off: its end is missing/);
  assert.match(await refusal(scratch.write('begun.parquet', 'PAR1'), 'unreadable'), /cut off/);
  const page = Buffer.from(whole);
  page.fill(0xff, 400, 2000);
  assert.match(await refusal(scratch.write('page.parquet', page), 'unreadable'), /damaged/);
  const footer = Buffer.from(whole);
  footer.fill(0xff, whole.length - 300, whole.length - 8);
  assert.match(await refusal(scratch.write('footer.parquet', footer), 'unreadable'), /damaged/);
  assert.match(await refusal(join(folder, 'encrypted.parquet'), 'refused'), /is encrypted/);
  assert.match(await refusal(join(folder, 'encrypted-column.parquet'), 'refused'), /is encrypted/);
  assert.match(await refusal(join(folder, 'lz4.parquet'), 'refused'), /"text" is compressed by LZ4\w*, which is not read.*Snappy, gzip, Brotli or Zstandard/);
});
