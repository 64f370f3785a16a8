import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { shadeOf, tokenAt, weightLines } from '../../src/host/prompts/weights.ts';
import type { TokenInfo } from '../../src/shared/protocol/engineApi.ts';
import { promptSet } from '../../src/host/prompts/promptSet.ts';
import { isJsonLines, mayHoldPrompts, promptOf, unitAt } from '../../src/host/prompts/promptLine.ts';

suite('a line with a prompt', () => {
  test('of a text file is the prompt, with the spaces that a model sees', () => {
    const prompt = promptOf('  when Mary and ', false);
    assert.equal(prompt?.text, '  when Mary and ');
    assert.equal(prompt && unitAt(prompt, 3), 3);
    assert.equal(promptOf('   ', false), undefined);
    assert.equal(promptOf('x'.repeat(30_000), false), undefined, 'a line of data');
  });

  test('of JSON lines is a text, or the likeliest text of a record', () => {
    const text = (line: string): string | undefined => promptOf(line, true)?.text;
    assert.equal(text('"a text"'), 'a text');
    assert.equal(text('{"id": 3, "text": "second", "prompt": "first"}'), 'first');
    assert.equal(text('{"clean": "cat milk", "corrupted": "cat"}'), 'cat milk');
    assert.equal(text('{"prompt": "", "text": "not empty"}'), 'not empty');
    for (const line of ['{"id": 3}', '{"prompt": 3}', '[1, 2]', '3', 'null', '{"prompt": "cut', 'plain words', '']) assert.equal(text(line), undefined, line);
  });

  test('of JSON lines knows where each of its letters stands, behind escapes too', () => {
    const line = '  {"text": "a\\n\\u00e9\\"z", "id": 1}';
    const prompt = promptOf(line, true);
    assert.equal(prompt?.text, 'a\né"z');
    assert.deepEqual(prompt?.columns.map((column) => line.slice(column, column + 2)), ['a\\', '\\n', '\\u', '\\"', 'z"', '",']);
    assert.equal(prompt && unitAt(prompt, line.indexOf('00e9')), 2, 'inside of an escape');
    assert.equal(prompt && unitAt(prompt, 3), undefined, 'before the text');
    assert.equal(prompt && unitAt(prompt, line.length - 1), undefined, 'behind the text');
  });

  test('is not looked for in text files that tools write', () => {
    for (const name of ['prompts.txt', 'pairs.jsonl', 'A.TXT', 'my-requirements.txt']) assert.ok(mayHoldPrompts(name), name);
    for (const name of ['requirements.txt', 'requirements-dev.txt', 'CMakeLists.txt', 'LICENSE.txt', 'vocab.txt', 'a.py', 'txt']) assert.ok(!mayHoldPrompts(name), name);
    assert.deepEqual(['a.jsonl', 'a.txt'].map(isJsonLines), [true, false]);
  });
});

suite('a file as a set of prompts', () => {
  test('has a prompt for each line with something in it, whatever ends lines, and no mark of byte order', () => {
    assert.deepEqual(promptSet('a.txt', '\uFEFFcat milk\r\n\r\n  two  \n   \nthree', false), { name: 'a.txt', prompts: ['cat milk', '  two  ', 'three'], unread: 0, beyond: 0 });
    assert.deepEqual(promptSet('a.txt', '', false).prompts, []);
  });

  test('of JSON lines counts those that hold no prompt; of too many prompts those that are not taken', () => {
    assert.deepEqual(promptSet('a.jsonl', '{"text": "a"}\nplain\n{"id": 1}\n"b\\nc"\n', true), { name: 'a.jsonl', prompts: ['a', 'b\nc'], unread: 2, beyond: 0 });
    const many = promptSet('a.txt', 'x\n'.repeat(1003), false);
    assert.deepEqual([many.prompts.length, many.beyond], [1000, 3]);
  });
});

suite('what a word attends to', () => {
  const token = (text: string, start: number, end: number, special = false): TokenInfo => ({ id: 0, text, start, end, special, approximate: false });
  const tokens = [token('[BOS]', 0, 0, true), token('Lily', 0, 4), token(' went', 4, 9), token('<0xF0>', 9, 11), token('<0x9F>', 9, 11)];

  test('is the row of the token that holds the letter', () => {
    assert.deepEqual([0, 3, 4, 8, 10, 11].map((unit) => tokenAt(tokens, unit)), [1, 1, 2, 2, 3, undefined]);
  });

  test('has a shade by its weight, and none where there is next to nothing', () => {
    assert.deepEqual([0, 0.019, 0.02, 0.1, 0.3, 0.5, 0.75, 1, NaN].map(shadeOf), [undefined, undefined, 0, 1, 2, 3, 4, 4, undefined]);
  });

  test('is told in words, the strongest first, with what stands nowhere in the text', () => {
    assert.deepEqual(weightLines(tokens, [0.3, 0.01, 0.6, 0.09, 0]), ['0.600  ·went  (2)', '0.300  [BOS]  (0)', '0.090  <F0>  (3)']);
    assert.deepEqual(weightLines(tokens, []), []);
  });
});
