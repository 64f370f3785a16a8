/** Texts as an index reads them: kinds, encodings, places, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPieces } from '../../../src/engine/neurons/text/source.ts';
import type { Piece } from '../../../src/engine/neurons/text/piece.ts';
import type { CogscopeError } from '../../../src/shared/errors.ts';
import { Scratch } from '../../lib/scratch.ts';

const scratch = new Scratch();

async function pieces(name: string, content: Uint8Array | string, field?: string): Promise<readonly Piece[]> {
  const found: Piece[] = [];
  for await (const piece of readPieces({ path: scratch.write(name, content), ...(field === undefined ? {} : { field }) })) found.push(piece);
  return found;
}

async function refusal(name: string, content: Uint8Array | string, field?: string): Promise<string> {
  let said = '';
  await assert.rejects(pieces(name, content, field), (error: CogscopeError) => {
    said = error.message;
    return error.name === 'CogscopeError';
  });
  return said;
}

const utf16 = (text: string, order: 'little' | 'big'): Uint8Array => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return order === 'little' ? bytes : bytes.swap16();
};

const prose = 'Lily said “hello”.\nThen she went home.\n\n \n\nBen ate 3 apples 🍎.\r\n\r\nThe end.\n';

test('a text is cut at its empty lines, and each paragraph keeps its line and its place', async () => {
  const found = await pieces('prose.txt', prose);
  assert.deepEqual(found.map(({ text, record }) => [text, record]), [['Lily said “hello”.\nThen she went home.', 1], ['Ben ate 3 apples 🍎.', 6], ['The end.', 8]]);
  for (const { text, offset } of found) assert.equal(prose.slice(offset, offset + text.length), text);
});

test('UTF-8 with a mark and UTF-16 of both orders read as the same text', async () => {
  const expected = await pieces('plain.txt', prose);
  assert.deepEqual(await pieces('mark.txt', `\ufeff${prose}`), expected);
  assert.deepEqual(await pieces('little.txt', utf16(prose, 'little')), expected);
  assert.deepEqual(await pieces('big.txt', utf16(prose, 'big')), expected);
});

test('an empty file and one of white space have no text', async () => {
  assert.deepEqual(await pieces('empty.txt', ''), []);
  assert.deepEqual(await pieces('blank.txt', ' \n\n\t\n'), []);
  assert.deepEqual(await pieces('empty.jsonl', ''), []);
  assert.deepEqual(await pieces('empty.csv', ''), []);
});

test('binary files and other encodings are refused with a sentence', async () => {
  assert.match(await refusal('binary.txt', Uint8Array.of(80, 75, 3, 4, 0, 0, 8, 0)), /binary file and no text/);
  assert.match(await refusal('latin1.txt', Buffer.from('caf\u00e9 au lait', 'latin1')), /not in UTF-8.*Save it as UTF-8/);
  assert.match(await refusal('cut.txt', Buffer.from('caf\u00e9').subarray(0, 4)), /not in UTF-8/);
  await assert.rejects(readPieces({ path: scratch.path('none.txt') }).next(), /cannot be opened/);
});

test('one line of ten megabytes comes in pieces of bounded length, cut before spaces, without a character lost', async () => {
  const line = 'word '.repeat(2 << 20).trimEnd();
  const found = await pieces('long.txt', line);
  assert.equal(found.map(({ text }) => text).join(''), line);
  assert.ok(found.every(({ text }) => text.length <= 1 << 15));
  assert.ok(found.slice(1).every(({ text }) => text.startsWith(' ')), 'each piece begins with a whole word');
  assert.ok(found.every(({ record, offset }, at) => record === 1 && (at === 0) === (offset === 0)));
  const unbroken = '🍎'.repeat(1 << 16);
  const parts = await pieces('unbroken.txt', unbroken);
  assert.equal(parts.map(({ text }) => text).join(''), unbroken);
  assert.ok(parts.every(({ text }) => !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(text)), 'no character is cut in two');
});

test('a paragraph over the boundary of a block, and an empty line in it, are read as if there were none', async () => {
  const filler = `${'x'.repeat(99)}\n`.repeat(10485);
  const found = await pieces('blocks.txt', `${filler}${'y'.repeat(70)}\n\nsecond paragraph\n\n${filler}`);
  const joined = found.map(({ text }) => text).join('|');
  assert.ok(joined.includes('|second paragraph|'), 'the paragraph stands alone');
});

test('JSONL: a key or a string a line, numbered; what has none is refused with its keys', async () => {
  assert.deepEqual((await pieces('records.jsonl', '{"text":"one\\ntwo","n":1}\n\n"three"\n{"text":null}\n{"text":"four"}')).map(({ text, record }) => [text, record]), [['one\ntwo', 1], ['three', 3], ['four', 5]]);
  assert.deepEqual((await pieces('story.jsonl', '{"story":"a b"}', 'story')).map(({ text }) => text), ['a b']);
  assert.match(await refusal('keys.jsonl', '{"story":"a","id":1}'), /Line 1 of the text has no string under the key "text".*"story", "id"/);
  assert.match(await refusal('broken.jsonl', '{"text":"a"}\n{"text":'), /Line 2 of the text is no JSON/);
});

test('CSV and TSV: a column by name, text or the only one; quoted line ends stay in the text', async () => {
  assert.deepEqual((await pieces('table.csv', 'id,text\n1,"a, ""b""\nc"\n2,d\n')).map(({ text, record }) => [text, record]), [['a, "b"\nc', 2], ['d', 3]]);
  assert.deepEqual((await pieces('only.csv', 'story\nonce\n')).map(({ text }) => text), ['once']);
  assert.deepEqual((await pieces('tabs.tsv', 'id\tbody\n1\tx, y\n', 'body')).map(({ text }) => text), ['x, y']);
  assert.deepEqual((await pieces('wide.csv', utf16('text\nhello\n', 'little'))).map(({ text }) => text), ['hello']);
  assert.match(await refusal('columns.csv', 'id,body\n1,a\n'), /no column "text".*"id", "body"/);
  assert.match(await refusal('quote.csv', 'id,text\n1,"a\n'), /no CSV that can be read/);
});
