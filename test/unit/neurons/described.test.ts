/** Lists of what others say of neurons: plain ones, Neuronpedia's, and what is no list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readList } from '../../../src/engine/neurons/described/readList.ts';
import { CogscopeError } from '../../../src/shared/errors.ts';

const read = (value: unknown, name = '/lists/ours.json'): ReturnType<typeof readList> => readList(JSON.stringify(value), name);

function refusal(content: string, name = 'list.json'): string {
  try {
    readList(content, name);
  } catch (error) {
    assert.ok(error instanceof CogscopeError && error.code === 'unreadable', String(error));
    return error.message;
  }
  return assert.fail('it was read');
}

test('a plain list names neurons by their address or by layer and number', () => {
  assert.deepEqual(read([
    { address: 'L3N1234', description: ' Quotation\n marks ', score: 0.5 }, { layer: 0, neuron: 7, description: 'digits', source: 'gpt-4', score: null },
  ]), [
    { layer: 3, neuron: 1234, text: 'Quotation marks', source: 'ours.json', score: 0.5, entry: 1 }, { layer: 0, neuron: 7, text: 'digits', source: 'gpt-4', score: null, entry: 2 },
  ]);
  assert.deepEqual(read({ neurons: [{ neuron: 'L0N1', explanation: 'names' }] }).map(({ text }) => text), ['names']);
});

test('Neuronpedia’s explanations, its neurons with theirs, and one a line', () => {
  const own = { modelId: 'gpt2-small', layer: '3-mlp', index: '45', description: 'verbs', explanationModelName: 'gpt-4o', typeName: 'oai_token-act-pair', scores: [{ value: 0.31, explanationScoreTypeName: 'recall_alt' }] };
  const expected = { layer: 3, neuron: 45, text: 'verbs', source: 'gpt-4o, oai_token-act-pair', score: 0.31, entry: 1 };
  assert.deepEqual(read([own]), [expected]);
  assert.deepEqual(readList(`${JSON.stringify(own)}\n\n${JSON.stringify({ ...own, index: '46', layer: '3' })}\n`, 'batch-0.jsonl'), [expected, { ...expected, neuron: 46, entry: 2 }]);
  const feature = { modelId: 'gpt2-small', layer: '0-mlp', index: 2, explanations: [{ description: 'one', explanationModelName: 'a' }, { description: 'two', explanationModelName: 'a' }, { description: 'three' }] };
  assert.deepEqual(read(feature).map(({ text, source }) => [text, source]), [['one', 'a'], ['two', 'a (2)'], ['three', 'ours.json']]);
  assert.deepEqual(read([feature, { layer: '0-mlp', index: 3, explanations: [] }]).length, 3, 'a neuron that nobody described is passed over');
});

test('nothing of a list moves the cursor of a terminal', () => {
  assert.deepEqual(read([{ address: 'L0N0', description: '\u001b[2Jred\u0007', source: 'x\u001b]0;y' }]).map(({ text, source }) => [text, source]), [['[2Jred', 'x ]0;y']]);
});

test('what is no list of descriptions is said in a sentence, with its entry', () => {
  assert.match(refusal('{"a": '), /is no JSON.*Save it as JSON/);
  assert.match(refusal('{"address": "L0N0", "description": "a"}\nno\n', 'list.jsonl'), /Line 2 of the list is no JSON/);
  assert.match(refusal('[]'), /no description of a neuron/);
  assert.match(refusal('3'), /no list of descriptions/);
  assert.match(refusal('{"words": []}'), /no list of descriptions/);
  assert.match(refusal('[{"address": "L0N0", "description": "a"}, 7]'), /Entry 2 of the list is no object/);
  assert.match(refusal('[{"address": "L0H3", "description": "a"}]'), /Entry 1 of the list names "L0H3", which is no neuron/);
  assert.match(refusal('[{"description": "a"}]'), /Entry 1 of the list names no neuron/);
  assert.match(refusal('[{"layer": "6-res-jb", "index": "3", "description": "a"}]'), /of "6-res-jb".*sparse autoencoders/);
  for (const place of [{ layer: [0], neuron: 3 }, { layer: 0, neuron: true }, { layer: 0, neuron: 1.5 }, { layer: -1, neuron: 0 }, { layer: {}, neuron: null }, { address: 7 }]) {
    assert.match(refusal(JSON.stringify([{ ...place, description: 'a' }])), /Entry 1 of the list names no neuron/, JSON.stringify(place));
  }
  for (const description of [7, null, ['a'], { text: 'a' }, ' \n ']) assert.match(refusal(JSON.stringify([{ address: 'L0N0', description }])), /Entry 1 of the list has no description/, JSON.stringify(description));
  assert.match(refusal(JSON.stringify([{ address: 'L0N0', description: 'a'.repeat(10_001) }])), /a description of more than 10000 characters/);
  assert.match(refusal('[{"layer": 0, "neuron": 0, "explanations": ["a"]}]'), /Entry 1 of the list has an explanation that is no object/);
  assert.match(refusal('[{"address": "L0N0", "description": "a", "score": "high"}]'), /score that is no number/);
  assert.match(refusal('[{"address": "L0N0", "description": "a"}, {"address": "L0N1", "description": "a"}, {"layer": 0, "neuron": 0, "description": "b"}]'), /L0N0 is described twice by “list.json”, in entries 1 and 3/);
});
