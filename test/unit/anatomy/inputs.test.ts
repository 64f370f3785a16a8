/** What inputs are for is told by what they reach, and masks and positions that stand in the file by their numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnatomy } from '../../../src/engine/anatomy/read.ts';
import type { Anatomy } from '../../../src/engine/anatomy/types.ts';
import { inferTypes } from '../../../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import type { NodeProto, TensorProto, ValueInfoProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { BOOL, FLOAT, floats, INT64, integers, model, modelBytes, node, tensor, valueInfo } from '../../lib/protos.ts';
import type { GraphParts } from '../../lib/protos.ts';
import { randomValues } from '../../lib/random.ts';
import { Scratch } from '../../lib/scratch.ts';
import { around, attentionNodes, VOCAB } from '../../lib/tinyAttention.ts';

const scratch = new Scratch();

interface Read {
  readonly anatomy: Anatomy;
  readonly roles: Readonly<Record<string, string>>;
}

async function read(parts: GraphParts): Promise<Read> {
  const opened = await OnnxModel.open(scratch.write('model.onnx', modelBytes(model(parts))));
  const anatomy = readAnatomy(opened, inferTypes(opened));
  await opened.close();
  return { anatomy, roles: Object.fromEntries([...anatomy.roles].map(([value, role]) => [value.name, role])) };
}

interface Changes {
  /** Before the first state `embedded`, in place of the token lookup. */
  readonly embedding?: readonly NodeProto[];
  /** Between scores and softmax. */
  readonly scores?: readonly NodeProto[];
  readonly keys?: readonly NodeProto[];
  readonly weights?: readonly TensorProto[];
  readonly inputs?: readonly ValueInfoProto[];
}

/** One layer of attention with parts exchanged: `raw` are its scores, `masked` what enters the softmax. */
function layerWith({ embedding, scores = [], keys = [], weights = [], inputs = [] }: Changes): GraphParts {
  const layer = attentionNodes('embedded', 'attended');
  const nodes = layer.nodes.flatMap((old) => {
    if (old.output[0] === 'a.scores' && scores.length > 0) return [...keys, node('MatMul', [old.input[0] ?? '', keys.length > 0 ? 'joinedKeys' : old.input[1] ?? ''], ['raw']), ...scores];
    return [old.opType === 'Softmax' && scores.length > 0 ? node('Softmax', ['masked'], old.output, { axis: -1 }) : old];
  });
  const parts = around({ nodes: [...nodes, node('Add', ['embedded', 'attended'], ['final'])], weights: layer.weights });
  return {
    ...parts,
    nodes: embedding ? [...embedding, ...parts.nodes.filter((old) => old.output[0] !== 'embedded')] : parts.nodes,
    weights: [...parts.weights ?? [], ...weights], inputs: [...parts.inputs ?? [], ...inputs],
  };
}

const ids = (name: string): ValueInfoProto => valueInfo(name, INT64, ['batch', 'sequence']);
const positions = (rows: number): TensorProto => floats('positions', [rows, 4], randomValues(70, rows * 4));
const byPosition = (lookup: NodeProto): readonly NodeProto[] => [node('Gather', ['table', 'input_ids'], ['words']), lookup, node('Add', ['words', 'placed'], ['embedded'])];

test('positions that are an input are told from tokens, whichever of the two is reshaped on its way and whichever table is longer', async () => {
  for (const rows of [16, 64, 1000]) {
    for (const reshaped of ['input_ids', 'where']) {
      const flat = node('Reshape', [reshaped, 'shape'], ['flat']);
      const at = (name: string): string => (name === reshaped ? 'flat' : name);
      const { anatomy, roles } = await read(layerWith({
        embedding: [flat, node('Gather', ['table', at('input_ids')], ['words']), node('Gather', ['positions', at('where')], ['placed']), node('Add', ['placed', 'words'], ['embedded'])],
        weights: [positions(rows), integers('shape', [2], [0, -1])], inputs: [ids('where')],
      }));
      assert.deepEqual(roles, { input_ids: 'ids', where: 'positions' }, `${rows} positions, ${reshaped} reshaped`);
      assert.deepEqual([anatomy.towers[0]?.vocab, anatomy.towers[0]?.context], [VOCAB, rows]);
      assert.ok(anatomy.towers[0]?.logits);
    }
  }
});

test('positions looked up by a range are no input, and give the context', async () => {
  const { anatomy, roles } = await read(layerWith({
    embedding: [node('Shape', ['input_ids'], ['length'], { start: 1, end: 2 }), node('Squeeze', ['length'], ['count']), node('Range', ['zero', 'count', 'one'], ['range']), ...byPosition(node('Gather', ['positions', 'range'], ['placed']))],
    weights: [positions(48), integers('zero', [], [0]), integers('one', [], [1])],
  }));
  assert.deepEqual(roles, { input_ids: 'ids' });
  assert.deepEqual([anatomy.towers[0]?.positions, anatomy.towers[0]?.context], ['learned', 48]);
});

test('positions that were computed when the file was exported are seen, and are no tensor of a run', async () => {
  const { anatomy } = await read(layerWith({ embedding: [node('Gather', ['table', 'input_ids'], ['words']), node('Add', ['words', 'fixed'], ['embedded'])], weights: [floats('fixed', [1, 11, 4], randomValues(71, 44))] }));
  assert.deepEqual([anatomy.towers[0]?.positions, anatomy.towers[0]?.context, anatomy.towers[0]?.posEmbed], ['learned', 11, null]);
});

const SIZE = 6;
const square = (allowed: number, forbidden: number): readonly number[] => Array.from({ length: SIZE * SIZE }, (_, index) => (index % SIZE <= Math.floor(index / SIZE) ? allowed : forbidden));
const bools = (name: string, values: readonly number[]): TensorProto => tensor(name, BOOL, [1, 1, SIZE, SIZE], { rawData: Uint8Array.from(values) });
const lowest = floats('lowest', [], [-3.4e38]);
const added = (values: readonly number[]): Changes => ({ scores: [node('Add', ['raw', 'mask'], ['masked'])], weights: [floats('mask', [1, 1, SIZE, SIZE], values)] });
const chosen = (values: readonly number[], forbid: boolean): Changes => ({ scores: [node('Where', forbid ? ['mask', 'lowest', 'raw'] : ['mask', 'raw', 'lowest'], ['masked'])], weights: [bools('mask', values), lowest] });

const masks: readonly (readonly [what: string, changes: Changes, causal: boolean])[] = [
  ['a triangle of minus infinity that is added', added(square(0, -Infinity)), true],
  ['a triangle of large negative numbers that is added', added(square(0, -1e4)), true],
  ['a triangle of true where attending is allowed', chosen(square(1, 0), false), true],
  ['a triangle of true where it is forbidden', chosen(square(0, 1), true), true],
  ['a bias that is small everywhere', added(square(0, -5)), false],
  ['a mask that hides nothing', chosen(square(1, 1), false), false],
  ['a mask that hides what came before', added(Array.from({ length: SIZE * SIZE }, (_, index) => (index % SIZE >= Math.floor(index / SIZE) ? 0 : -1e9))), false],
  ['a window around each position', added(Array.from({ length: SIZE * SIZE }, (_, index) => (Math.abs((index % SIZE) - Math.floor(index / SIZE)) <= 2 ? 0 : -1e9))), false],
];

for (const [what, changes, causal] of masks) {
  test(`${what}, in the file: the model is ${causal ? 'a decoder' : 'an encoder'}`, async () => {
    const { anatomy } = await read(layerWith(changes));
    assert.deepEqual(anatomy.refused, []);
    assert.deepEqual([anatomy.towers[0]?.kind, anatomy.towers[0]?.causal, anatomy.towers[0]?.blocks[0]?.attention?.causal], [causal ? 'decoder' : 'encoder', causal, causal]);
  });
}

test('a mask of whole numbers that reaches the scores is a mask, and says nothing about what is causal', async () => {
  const { anatomy, roles } = await read(layerWith({
    scores: [node('Cast', ['attention_mask'], ['float'], { to: FLOAT }), node('Sub', ['float', 'unit'], ['minus']), node('Mul', ['minus', 'large'], ['wide']), node('Unsqueeze', ['wide', 'axes'], ['hidden']), node('Add', ['raw', 'hidden'], ['masked'])],
    weights: [floats('unit', [], [1]), floats('large', [], [1e9]), integers('axes', [2], [1, 2])], inputs: [ids('attention_mask')],
  }));
  assert.deepEqual([roles['attention_mask'], anatomy.towers[0]?.causal], ['mask', false]);
});

test('keys of a past with four heads, three or one are no image', async () => {
  for (const heads of [1, 3, 4, 12]) {
    const { roles } = await read(layerWith({
      keys: [node('Transpose', ['past'], ['past.t'], { perm: [0, 1, 3, 2] }), node('Concat', ['past.t', 'a.k.side'], ['joinedKeys'], { axis: 3 })],
      scores: [node('Identity', ['raw'], ['masked'])], inputs: [valueInfo('past', FLOAT, ['batch', heads, 'past', 2])],
    }));
    // The transpose stands between; joined at once it is what exporters write.
    assert.notEqual(roles['past'], 'pixels', `${heads} heads behind a transpose`);
    const direct = await read(layerWith({
      keys: [node('Concat', ['past', 'a.k.side'], ['joinedKeys'], { axis: 3 })], scores: [node('Identity', ['raw'], ['masked'])], inputs: [valueInfo('past', FLOAT, ['batch', heads, 2, 'past'])],
    }));
    assert.equal(direct.roles['past'], 'past', `${heads} heads`);
  }
});

test('a bias that differs by head tells positions: learnt by distance, or a slope', async () => {
  const relative = await read(layerWith({
    scores: [node('Gather', ['buckets', 'distances'], ['b']), node('Transpose', ['b'], ['b.heads'], { perm: [2, 0, 1] }), node('Unsqueeze', ['b.heads', 'axis'], ['bias']), node('Add', ['raw', 'bias'], ['masked'])],
    weights: [floats('buckets', [8, 2], randomValues(72, 16)), integers('axis', [1], [0]), integers('distances', [SIZE, SIZE], Array.from({ length: SIZE * SIZE }, (_, index) => index % 8))],
  }));
  assert.equal(relative.anatomy.towers[0]?.positions, 'relative');
  const alibi = await read(layerWith({
    scores: [node('Mul', ['steps', 'slopes'], ['bias']), node('Add', ['raw', 'bias'], ['masked'])],
    weights: [floats('slopes', [1, 2, 1, 1], [0.5, 0.25]), floats('steps', [1, 1, 1, SIZE], [0, 1, 2, 3, 4, 5])],
  }));
  assert.equal(alibi.anatomy.towers[0]?.positions, 'alibi');
});

test('two more tables that inputs look up as they are: neither is taken for positions, both inputs are asked for', async () => {
  const { roles } = await read(layerWith({
    embedding: [
      node('Gather', ['table', 'input_ids'], ['words']), node('Gather', ['positions', 'where'], ['placed']), node('Gather', ['speakers', 'who'], ['voice']),
      node('Add', ['words', 'placed'], ['both']), node('Add', ['both', 'voice'], ['embedded']),
    ],
    weights: [positions(64), floats('speakers', [20, 4], randomValues(74, 80))], inputs: [ids('where'), ids('who')],
  }));
  assert.deepEqual(roles, { input_ids: 'ids', where: 'unknown', who: 'unknown' }, 'nothing tells which of the two counts positions');
});

test('ids are recognised in a model whose layers are not', async () => {
  const { anatomy, roles } = await read({
    nodes: [node('Gather', ['table', 'input_ids'], ['e']), node('Relu', ['e'], ['y'])], weights: [floats('table', [VOCAB, 4], randomValues(73, VOCAB * 4))],
    inputs: [ids('input_ids')], outputs: [valueInfo('y', FLOAT, ['batch', 'sequence', 4])],
  });
  assert.deepEqual([anatomy.towers.length, roles['input_ids']], [0, 'ids']);
});
