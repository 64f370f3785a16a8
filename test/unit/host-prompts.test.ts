import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
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
