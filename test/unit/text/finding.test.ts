/** Which tokenizer a model gets, and what is said where there is none or it cannot be read. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
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
  assert.deepEqual(found, { missing: 'No tokenizer beside the model or up to two folders above it' });
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

/** A folder of files, and the model in it. */
function folderOf(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  mkdirSync(scratch.path(name), { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(scratch.path(name), file), content);
  return join(scratch.path(name), 'model.onnx');
}

const bpe = (model: object, more: object = {}): string => JSON.stringify({ model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']], ...model }, added_tokens: [], ...more });
const addedA = { id: 3, content: 'a', special: true };

/** Read, but found to contradict themselves, or to have parts that are not known, when they are used. */
const damaged: readonly (readonly [what: string, json: string, code: string, sentence: RegExp])[] = [
  ['a merge of a token that is none', bpe({ merges: [['a', 'b'], ['a', 'c']] }), 'unreadable', /^The tokenizer is damaged: merge 2 joins "a" and "c", but "c" is no token\. /],
  ['a merge whose result is no token', bpe({ merges: ['b a'] }), 'unreadable', /merge 1 joins "b" and "a", but "ba" is no token/],
  ['a merge of three', bpe({ merges: ['a b a'] }), 'unreadable', /merge 1 does not join two tokens/],
  ['two tokens with one id', bpe({ vocab: { a: 0, b: 0, ab: 2 } }), 'unreadable', /the tokens "a" and "b" have the same id, 0/],
  ['an added token with another id', bpe({}, { added_tokens: [addedA] }), 'unreadable', /the token "a" has two ids, 0 and 3/],
  ['an id that is no number', bpe({ vocab: { a: 'x', b: 1, ab: 2 } }), 'unreadable', /the token "a" has no id/],
  ['dropout', bpe({ dropout: 0.1 }), 'refused', /does not know: BPE that leaves merges out at random/],
  ['a model with the name of an object’s own member', bpe({ type: 'constructor' }), 'refused', /does not know: the model constructor/],
  ['a normalizer that is not known', bpe({}, { normalizer: { type: 'Cyrillic' } }), 'refused', /does not know: the normalizer Cyrillic/],
  ['a pre-tokenizer that is not known', bpe({}, { pre_tokenizer: { type: 'UnicodeScripts' } }), 'refused', /does not know: the pre-tokenizer UnicodeScripts/],
  ['a charsmap that is cut short', bpe({}, { normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } }), 'refused', /the precompiled charsmap is cut short/],
  ['an empty Unigram', JSON.stringify({ model: { type: 'Unigram', vocab: [] } }), 'unreadable', /its vocabulary is not a list of tokens with scores/],
  ['a WordPiece without its unknown token', JSON.stringify({ model: { type: 'WordPiece', unk_token: '[UNK]', vocab: { a: 0 } } }), 'unreadable', /its unknown token is no token/],
];

for (const [what, json, code, sentence] of damaged) {
  test(`${what} is told in one sentence when the tokenizer is used`, () => {
    const found = Tokenizer.find(folderOf(`damaged ${what}`, { 'tokenizer.json': json }), null);
    assert.ok(!('missing' in found));
    assert.throws(() => found.encode('ab', { special: true }), (error) => error instanceof CogscopeError && error.code === code && sentence.test(error.message) && !error.message.includes('\n'));
  });
}

/** As the Python tokenizers have it: BPE leaves unknown characters out where it names no token for them, the others fail. */
const unknowns: readonly (readonly [make: string, json: string, ids: readonly number[] | undefined])[] = [
  ['BPE that names no unknown token', bpe({}), [2]],
  ['BPE whose unknown token is none', bpe({ unk_token: '<unk>' }), undefined],
  ['words whose unknown token is none', JSON.stringify({ model: { type: 'WordLevel', vocab: { ab: 2 }, unk_token: '<unk>' }, pre_tokenizer: { type: 'Whitespace' } }), undefined],
  ['Unigram without an unknown token', JSON.stringify({ model: { type: 'Unigram', vocab: [['a', -1], ['b', -1], ['ab', -1]] }, pre_tokenizer: { type: 'Whitespace' } }), undefined],
];

for (const [make, json, ids] of unknowns) {
  test(`${make} ${ids ? 'leaves out' : 'refuses'} a character that it does not know, and reads others`, () => {
    const found = Tokenizer.find(folderOf(`unknown ${make}`, { 'tokenizer.json': json }), null);
    assert.ok(!('missing' in found));
    const idsOf = (text: string): readonly number[] => found.encode(text, { special: true }).map(({ id }) => id);
    assert.deepEqual(idsOf('ab'), [2]);
    if (ids) assert.deepEqual(idsOf('ab?'), ids);
    else assert.throws(() => idsOf('ab?'), (error) => error instanceof CogscopeError && error.code === 'refused' && error.data.what.includes('no token for "?"'));
  });
}

const unread: readonly (readonly [what: string, files: Readonly<Record<string, string | Uint8Array>>, why: RegExp])[] = [
  ['a SentencePiece model that is cut short', { 'tokenizer.model': readFileSync(join(good, '../../sentencepiece-bpe/tokenizer.model')).subarray(0, 300) }, /it is no SentencePiece model$/],
  ['a tiktoken file', { 'tokenizer.model': 'IQ== 0\nIg== 1\n' }, /it is no SentencePiece model$/],
  ['a model of a class that numbers anew', { 'tokenizer.model': readFileSync(join(good, '../../sentencepiece-bpe/tokenizer.model')), 'tokenizer_config.json': '{"tokenizer_class":"XLMRobertaTokenizer"}' }, /XLMRobertaTokenizer needs more than its SentencePiece model says; save its tokenizer.json$/],
  ['a vocab.txt with a token twice', { 'vocab.txt': '[UNK]\na\nb\na\n' }, /the token "a" stands in lines 2 and 4/],
  ['a vocab.txt that is not BERT’s', { 'vocab.txt': 'a\nb\n' }, /it has no \[UNK\]/],
  ['vocab.json that is cut short', { 'vocab.json': '{"a": 0', 'merges.txt': '' }, /cannot be read: /],
  ['vocab.json and merges.txt of a class that splits otherwise', { 'vocab.json': '{"a": 0}', 'merges.txt': '', 'tokenizer_config.json': '{"tokenizer_class":"Qwen2Tokenizer"}' }, /Qwen2 needs more than vocab.json and merges.txt say; save its tokenizer.json$/],
  ['a tokenizer_config.json that is cut short', { 'tokenizer.json': bpe({}), 'tokenizer_config.json': '{"add_bos' }, /the tokenizer_config.json beside it cannot be read$/],
];

for (const [what, files, why] of unread) {
  test(`${what} is told in one line, and ids work without`, () => {
    const found = Tokenizer.find(folderOf(`unread ${what}`, files), null);
    assert.ok('missing' in found);
    assert.match(found.missing, why);
    assert.ok(!found.missing.includes('\n'));
  });
}

test('a file larger than any tokenizer is not read', () => {
  const model = folderOf('huge', { 'tokenizer.json': '{' });
  truncateSync(join(model, '../tokenizer.json'), 300 * 2 ** 20);
  const found = Tokenizer.find(model, null);
  assert.ok('missing' in found && found.missing.endsWith('it is larger than any tokenizer'));
});

test('ids with holes between them work; a hole is shown as its number', () => {
  const found = Tokenizer.find(folderOf('sparse', { 'tokenizer.json': bpe({ vocab: { a: 5, b: 70, ab: 1_000_000 } }) }), null);
  assert.ok(!('missing' in found));
  assert.deepEqual(found.encode('aba', { special: false }).map(({ id, start, end }) => [id, start, end]), [[1_000_000, 0, 2], [5, 2, 3]]);
  assert.equal(found.decode(6), '[6]');
});
