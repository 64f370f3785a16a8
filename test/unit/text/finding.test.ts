/** Which tokenizer a model gets, and what is said where there is none or it cannot be read. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { Tokenizer } from '../../../src/engine/text/tokenizer.ts';
import { Scratch } from '../../lib/scratch.ts';

const scratch = new Scratch();
const good = join(import.meta.dirname, '../../fixtures/tokenizers/byte-level/tokenizer.json');

/** A model's folder three deep, with a tokenizer at the depth given. */
function modelWith(name: string, depth: number | null): { readonly model: string; readonly tokenizer: string } {
  const folders = [scratch.path(name), join(scratch.path(name), 'a'), join(scratch.path(name), 'a/b'), join(scratch.path(name), 'a/b/c')];
  mkdirSync(folders[3] ?? '', { recursive: true });
  const tokenizer = join(folders[3 - (depth ?? 0)] ?? '', 'tokenizer.json');
  if (depth !== null) copyFileSync(good, tokenizer);
  return { model: join(folders[3] ?? '', 'model.onnx'), tokenizer };
}

for (const [depth, where] of [[0, 'beside the model'], [1, 'one folder up'], [2, 'two folders up']] as const) {
  test(`a tokenizer ${where} is found`, () => {
    const { model, tokenizer } = modelWith(`found${depth}`, depth);
    const found = Tokenizer.find(model, null);
    assert.ok(!('missing' in found));
    assert.equal(found.path, tokenizer);
    assert.equal(found.kind, 'byte-level BPE');
  });
}

test('one three folders up is not looked for, and the reason says where was looked', () => {
  const found = Tokenizer.find(modelWith('far', 3).model, null);
  assert.deepEqual(found, { missing: 'No tokenizer.json, tokenizer.model, vocab.txt, or vocab.json with merges.txt beside the model or up to two folders above it' });
});

test('the nearest wins, and one that is named wins over all', () => {
  const { model } = modelWith('two', 2);
  const nearer = join(model, '../tokenizer.json');
  copyFileSync(good, nearer);
  const found = Tokenizer.find(model, null);
  assert.ok(!('missing' in found) && found.path === nearer);
  const named = Tokenizer.find(model, good);
  assert.ok(!('missing' in named) && named.path === good);
});

const broken: readonly (readonly [what: string, content: string])[] = [['no JSON', '{"model": '], ['something else', '{"version": 1}'], ['null', 'null'], ['a list', '[]'], ['a model that is a word', '{"model": "BPE"}']];

for (const [what, content] of broken) {
  test(`${what} in tokenizer.json: found, it is told with the reason; named, it is an error`, () => {
    const { model, tokenizer } = modelWith(`broken ${what}`, 0);
    writeFileSync(tokenizer, content);
    const found = Tokenizer.find(model, null);
    assert.ok('missing' in found && found.missing.startsWith(`The tokenizer at ${tokenizer} cannot be read: `));
    assert.throws(() => Tokenizer.find(model, tokenizer), (error) => error instanceof CogscopeError && error.code === 'unreadable' && error.data.where === tokenizer);
  });
}

test('a tokenizer with a part that is not known is refused when it is used, with what to do', () => {
  const { model, tokenizer } = modelWith('unknown', 0);
  writeFileSync(tokenizer, JSON.stringify({ model: { type: 'Oracle', vocab: {} }, added_tokens: [] }));
  const found = Tokenizer.find(model, null);
  assert.ok(!('missing' in found));
  assert.throws(() => found.encode('a', { special: true }), (error) => error instanceof CogscopeError && error.code === 'refused' && error.data.todo === 'Give token ids instead');
});

test('an id that the vocabulary lacks is shown as its number', () => {
  const found = Tokenizer.find('', good);
  assert.ok(!('missing' in found));
  assert.equal(found.decode(999_999), '[999999]');
});
