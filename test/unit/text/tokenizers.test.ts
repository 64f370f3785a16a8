/**
 * Tokens and their places against Hugging Face's own library (training/fixtures/make_tokenizers.py): the same ids, and the same
 * characters wherever a place is not said to be approximate, but for the conventions below.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Tokenizer } from '../../../src/engine/text/tokenizer.ts';

const folder = join(import.meta.dirname, '../../fixtures/tokenizers');
const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const texts = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8')) as readonly string[];

interface Row {
  readonly ids: readonly number[];
  /** In code points, as Python counts. */
  readonly offsets: readonly (readonly [start: number, end: number])[];
  /** With the tokens that the tokenizer adds. */
  readonly special: readonly number[];
}

function tokenizerOf(name: string): Tokenizer {
  const found = Tokenizer.find(join(folder, name, 'model.onnx'), null);
  if ('missing' in found) throw new Error(found.missing);
  return found;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where we mean the same by another place. `ours` and `theirs` are UTF-16 offsets. */
const conventions: readonly (readonly [why: string, holds: (ours: Place, theirs: Place, text: string) => boolean])[] = [
  ['white space before a word is part of its token, also where the tokenizer trims it from offsets', (ours, theirs, text) =>
    ours.end === theirs.end && text.slice(ours.start, theirs.start).trim() === ''],
  ['white space alone has a place, also where the tokenizer trims it away', (ours, theirs, text) =>
    theirs.start === theirs.end && text.slice(ours.start, ours.end).trim() === '' && Math.abs(theirs.start - ours.start) <= 1],
  ['a space that the tokenizer put before the text is no character of it', (ours, theirs) => ours.start === 0 && ours.end === 0 && theirs.start === 0],
  ['marks that the normalizer takes away belong to their letter', (ours, theirs, text) =>
    ours.start === theirs.start && /^\p{M}+$/u.test(text.slice(theirs.end, ours.end))],
  ['a part of a character that the normalizer puts together is the whole character', (ours, theirs, text) =>
    ours.start <= theirs.start && ours.end >= theirs.end && /^.\p{M}+$/u.test(text.slice(ours.start, ours.end))],
];

for (const name of names) {
  suite(name, () => {
    const tokenizer = tokenizerOf(name);
    const rows = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as readonly Row[];
    for (const [index, text] of texts.entries()) {
      test(JSON.stringify(text), () => {
        const row = rows[index];
        assert.ok(row);
        const plain = tokenizer.encode(text, { special: false });
        assert.deepEqual(plain.map((token) => token.id), row.ids);
        const units = [0];
        for (const character of text) units.push((units.at(-1) ?? 0) + character.length);
        plain.forEach((token, at) => {
          const [from = 0, to = 0] = row.offsets[at] ?? [];
          const theirs = { start: units[from] ?? -1, end: units[to] ?? -1 };
          const same = token.start === theirs.start && token.end === theirs.end;
          const isMeant = same || token.approximate || conventions.some(([, holds]) => holds(token, theirs, text));
          assert.ok(isMeant, `token ${at}, ${JSON.stringify(token.text)}, is at ${token.start} to ${token.end} and should be at ${theirs.start} to ${theirs.end}`);
        });

        const special = tokenizer.encode(text, { special: true });
        assert.deepEqual(special.map((token) => token.id), row.special);
        const added = special.filter((token) => !plain.some(({ id, start, end }) => id === token.id && start === token.start && end === token.end));
        assert.equal(special.length - plain.length, special.filter((token) => token.special).length - plain.filter((token) => token.special).length, 'added tokens are special');
        for (const token of added) assert.ok(token.special && token.start === token.end && (token.start === 0 || token.start === text.length), `${token.text} covers nothing`);
      });
    }

    test('places are said to be approximate in no more than a hundredth of all tokens', () => {
      const tokens = texts.flatMap((text) => tokenizer.encode(text, { special: false }));
      const approximate = tokens.filter((token) => token.approximate).length;
      assert.ok(approximate <= tokens.length / 100, `${approximate} of ${tokens.length}`);
    });

    test('places are in the text, in order, and between characters', () => {
      for (const text of texts) {
        let last = 0;
        for (const { start, end, text: shown } of tokenizer.encode(text, { special: true })) {
          assert.ok(start >= 0 && end <= text.length && start <= end, `${shown} of ${JSON.stringify(text)} is at ${start} to ${end}`);
          assert.ok(start >= last || end >= last, `${shown} of ${JSON.stringify(text)} goes back`);
          for (const at of [start, end]) assert.ok(!/^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1)), `${shown} of ${JSON.stringify(text)} cuts a character at ${at}`);
          last = start;
        }
      }
    });
  });
}

test('long texts of any kind are placed exactly', () => {
  const long: readonly string[] = [
    'Lily and Ben went to the park 🙂 naïve café 你好 x=3.14 '.repeat(200), 'a'.repeat(2000), '👩‍👩‍👧‍👦'.repeat(100), ' '.repeat(2000), `e${'\u0301'.repeat(1000)}`, '你好世界'.repeat(300), '\r\n\t'.repeat(500),
  ];
  for (const name of names) {
    for (const text of long) {
      const tokens = tokenizerOf(name).encode(text, { special: false });
      assert.equal(tokens.filter((token) => token.approximate).length, 0, `${name}: ${text.slice(0, 20)}…`);
      const end = Math.max(0, ...tokens.map((token) => token.end));
      assert.ok(end === text.length || text.slice(end).trim() === '', `${name}: the tokens of ${text.slice(0, 20)}… end at ${end} of ${text.length}`);
    }
  }
});
