/** Models with fused operators, from end to end: what is inside them is found, checked and edited. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../src/engine/onnx/graph.ts';
import type { NodeProto, TensorProto } from '../../src/engine/onnx/proto/onnx_pb.js';
import { checkAnatomy } from '../../src/engine/methods/check.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { FLOAT, floats, INT64, integers, model, modelBytes, node, valueInfo } from '../lib/protos.ts';
import { randomValues } from '../lib/random.ts';
import { Scratch } from '../lib/scratch.ts';
import { maxAbs } from './fixtures.ts';
import { cellGoldens, cellsOf } from './lib/cells.ts';

const scratch = new Scratch();
const settings = { threads: 1, weightBudget: 1e9 };

const cellPath = (architecture: string, exporter: string): string => {
  const [cell] = cellsOf(`${architecture},${exporter}`);
  assert.ok(cell, `there is a cell ${architecture} x ${exporter}`);
  return cell.path;
};

interface Edited {
  readonly fusedNorms: number;
  readonly logits: Float32Array;
  readonly plain: Float32Array;
  /** The tensor behind the edit. */
  readonly reached: Float32Array;
}

/** Doubles a state of the stream on PyTorch's inputs. */
async function withEdit(architecture: string, exporter: string, address: string, behind: string): Promise<Edited> {
  const session = await ModelSession.open(cellPath(architecture, exporter), null, settings);
  const golden = cellGoldens(architecture);
  const inputs = new Map(session.model.graph.inputs.map((input): [Value, Tensor] => {
    const tensor = golden.get(`input.${input.name}`);
    assert.ok(tensor, input.name);
    return [input, tensor];
  }));
  const place = session.entry(address)?.place;
  const tap = session.entry(behind)?.place.value;
  assert.ok(place && tap, `${address} and ${behind} are found`);
  const program = session.getProgram();
  const double = (tensor: Tensor): Tensor => ({ ...tensor, data: toFloat32(tensor).map((x) => 2 * x + 0.5) });
  const plain = await program.run({ inputs });
  const edited = await program.run({ inputs, taps: [tap], edits: [{ value: place.value, apply: double }] });
  const kept = edited.taps.get(tap);
  assert.ok(plain.logits && edited.logits && kept);
  const fusedNorms = [...session.model.decomposed.written].filter((op) => op.startsWith('Skip')).length;
  await session.close();
  return { fusedNorms, logits: toFloat32(edited.logits), plain: toFloat32(plain.logits), reached: toFloat32(kept) };
}

for (const architecture of ['gpt2', 'llama']) {
  for (const [at, sublayer] of [['blocks.1.hook_resid_mid', 'blocks.1.mlp.hook_post'], ['blocks.0.hook_resid_post', 'blocks.1.attn.hook_pattern']] as const) {
    test(`${architecture}: where sum and norm were fused, an edit of ${at} reaches ${sublayer} and the logits, as in the file without fusions`, async () => {
      const fused = await withEdit(architecture, 'ort-fused', at, sublayer);
      const unfused = await withEdit(architecture, 'torch-20', at, sublayer);
      assert.equal(fused.fusedNorms, 1, 'the file has sums that are fused with norms');
      assert.ok(maxAbs(fused.plain, unfused.plain) < 5e-5, 'without the edit they are the same');
      assert.ok(maxAbs(fused.logits, fused.plain) > 1e-2, 'the edit changes the logits');
      assert.ok(maxAbs(fused.reached, unfused.reached) < 5e-5, `${sublayer} differs by ${maxAbs(fused.reached, unfused.reached)}`);
      assert.ok(maxAbs(fused.logits, unfused.logits) < 5e-5, `the logits differ by ${maxAbs(fused.logits, unfused.logits)}`);
    });
  }
}

const [VOCAB, WIDTH, HEADS, KV, SIZE, NEURONS, ROWS, LAYERS] = [96, 64, 4, 2, 16, 48, 32, 2] as const;
const MS = 'com.microsoft';

/** A decoder as the builder of onnxruntime-genai writes it: queries, keys and values from one product, all else inside one operator. */
function grouped(attributes: Readonly<Record<string, number>>): string {
  let seed = 40;
  const weights: TensorProto[] = [];
  const nodes: NodeProto[] = [];
  const weight = (name: string, dims: readonly number[], spread: number): string => {
    weights.push(floats(name, dims, randomValues(seed++, dims.reduce((product, dim) => product * dim, 1), spread)));
    return name;
  };
  const scale = (name: string): string => {
    weights.push(floats(name, [WIDTH], randomValues(seed++, WIDTH, 0.3).map((x) => 1 + x)));
    return name;
  };
  const norm = { epsilon: 1e-5 };
  nodes.push(
    node('Gather', [weight('table', [VOCAB, WIDTH], 1), 'input_ids'], ['embedded']),
    node('SimplifiedLayerNormalization', ['embedded', scale('n.first')], ['normed.0'], { ...norm, axis: -1 }),
    node('ReduceSum', ['attention_mask', 'one'], ['tokens'], { keepdims: 0 }), node('Sub', ['tokens', 'one'], ['last']), node('Cast', ['last'], ['seqlens'], { to: 6 }),
    node('Shape', ['attention_mask'], ['shape']), node('Gather', ['shape', 'axis'], ['all']), node('Cast', ['all'], ['total'], { to: 6 }),
  );
  weights.push(integers('one', [1], [1]), integers('axis', [], [1]));
  const angles = Array.from({ length: ROWS * SIZE / 2 }, (_, index) => Math.floor(index / (SIZE / 2)) / 100 ** ((index % (SIZE / 2)) / (SIZE / 2)));
  weights.push(floats('cos', [ROWS, SIZE / 2], angles.map(Math.cos)), floats('sin', [ROWS, SIZE / 2], angles.map(Math.sin)));
  let stream = 'embedded';
  for (let layer = 0; layer < LAYERS; layer++) {
    const at = (name: string): string => `${layer}.${name}`;
    nodes.push(
      node('MatMul', [`normed.${layer}`, weight(at('qkv'), [WIDTH, (HEADS + 2 * KV) * SIZE], 0.3)], [at('packed')]),
      node('GroupQueryAttention', [at('packed'), '', '', `past.${layer}.key`, `past.${layer}.value`, 'seqlens', 'total', 'cos', 'sin'], [at('z'), `present.${layer}.key`, `present.${layer}.value`],
        { num_heads: HEADS, kv_num_heads: KV, do_rotary: 1, ...attributes }, MS),
      node('MatMul', [at('z'), weight(at('o'), [HEADS * SIZE, WIDTH], 0.2)], [at('attn')]),
      node('SkipSimplifiedLayerNormalization', [stream, at('attn'), scale(at('n'))], [at('mid.normed'), '', '', at('mid')], norm, MS),
      node('MatMul', [at('mid.normed'), weight(at('gate'), [WIDTH, NEURONS], 0.3)], [at('pre')]), node('MatMul', [at('mid.normed'), weight(at('up'), [WIDTH, NEURONS], 0.3)], [at('linear')]),
      node('QuickGelu', [at('pre')], [at('act')], { alpha: { float: 1 } }, MS), node('Mul', [at('act'), at('linear')], [at('post')]),
      node('MatMul', [at('post'), weight(at('down'), [NEURONS, WIDTH], 0.3)], [at('mlp')]),
      // The last sum is read by nothing but the norm behind it, so the builder does not write it.
      node('SkipSimplifiedLayerNormalization', [at('mid'), at('mlp'), scale(at('n.next'))], [`normed.${layer + 1}`, ...(layer + 1 < LAYERS ? ['', '', at('post.state')] : [])], norm, MS),
    );
    stream = at('post.state');
  }
  nodes.push(node('MatMul', [`normed.${LAYERS}`, weight('unembed', [WIDTH, VOCAB], 0.3)], ['logits']));
  const caches = Array.from({ length: LAYERS }, (_, layer) => ['key', 'value'].map((part) => `${layer}.${part}`)).flat();
  return scratch.write('grouped.onnx', modelBytes(model({
    nodes, weights,
    inputs: [
      valueInfo('input_ids', INT64, ['batch', 'sequence']), valueInfo('attention_mask', INT64, ['batch', 'all']),
      ...caches.map((name) => valueInfo(`past.${name}`, FLOAT, ['batch', KV, 'past', SIZE])),
    ],
    outputs: [valueInfo('logits', FLOAT, ['batch', 'sequence', VOCAB]), ...caches.map((name) => valueInfo(`present.${name}`, FLOAT, ['batch', KV, 'all', SIZE]))],
  }, { opset: { '': 18, [MS]: 1 } })));
}

for (const [what, attributes] of [['all keys', {}], ['a window of 3 keys', { local_window_size: 3 }]] as const) {
  test(`grouped queries with rotary positions inside one operator, ${what}: read as heads, and every check holds`, async () => {
    const session = await ModelSession.open(grouped(attributes), null, settings);
    assert.deepEqual(session.anatomy.refused, []);
    const { layers, heads, kvHeads, dHead, positions, causal, norm, dMlp } = session.summary.towers[0] ?? {};
    assert.deepEqual({ layers, heads, kvHeads, dHead, positions, causal, norm, dMlp }, { layers: LAYERS, heads: HEADS, kvHeads: KV, dHead: SIZE, positions: 'rotary', causal: true, norm: 'pre', dMlp: NEURONS });
    assert.deepEqual(session.summary.inputs.map(({ role }) => role), ['ids', 'mask', ...Array.from({ length: 2 * LAYERS }, () => 'past')]);
    const report = await checkAnatomy(session, new AbortController().signal);
    assert.equal(report.error, null);
    assert.deepEqual(report.checks.filter(({ ok }) => !ok), []);
    for (const name of ['pattern x v = z', 'silu(mlp_pre) x mlp_pre_linear = mlp_post', 'chain = file, with fused operators written out']) assert.ok(report.checks.some((check) => check.name === name), name);
    await session.close();
  });
}
