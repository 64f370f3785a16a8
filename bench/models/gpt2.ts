/** Decoders in the shape of GPT-2, as torch exports them: fused QKV, learned positions, GELU by tanh, tied unembedding. */
import { GraphBuilder } from './graphBuilder.ts';

export interface DecoderShape {
  readonly layers: number;
  readonly heads: number;
  readonly dModel: number;
  readonly dMlp: number;
  readonly vocab: number;
  readonly context: number;
}

export const gpt2Small: DecoderShape = { layers: 12, heads: 12, dModel: 768, dMlp: 3072, vocab: 50257, context: 1024 };

/** Weights of this spread make a product of unit variance from a vector of unit variance (times `gain`). */
const spreadOf = (inputs: number, gain = 1): number => gain * Math.sqrt(3 / inputs);

/** Scores with a standard deviation of this give patterns as uneven as a trained model's. */
const SCORE_DEVIATION = 2.5;

export function gpt2Graph(shape: DecoderShape): GraphBuilder {
  const graph = new GraphBuilder();
  const { dModel, vocab, context } = shape;
  graph.within('transformer');
  const batch = graph.node('Shape', ['input_ids'], { start: 0, end: 1 });
  const length = graph.node('Shape', ['input_ids'], { start: 1, end: 2 });
  const count = graph.node('Squeeze', [length]);
  const positions = graph.node('Range', [graph.integer(0), count, graph.integer(1)]);
  const tokens = graph.random('transformer.wte.weight', [vocab, dModel], 0.5);
  const embedded = graph.node('Gather', [tokens, 'input_ids'], { axis: 0 });
  const placed = graph.node('Gather', [graph.random('transformer.wpe.weight', [context, dModel], 0.5), graph.node('Unsqueeze', [positions, graph.integers(0)])], { axis: 0 });
  const mask = causalMask(graph, positions);

  let residual = graph.node('Add', [embedded, placed]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const at = `transformer.h.${layer}`;
    graph.within(`${at}.attn`);
    residual = graph.node('Add', [attention(graph, at, norm(graph, `${at}.ln_1`, residual, dModel), mask, { shape, batch, length }), residual]);
    graph.within(`${at}.mlp`);
    residual = graph.node('Add', [residual, mlp(graph, at, norm(graph, `${at}.ln_2`, residual, dModel), { shape, batch, length })]);
  }
  graph.within('lm_head');
  const last = norm(graph, 'transformer.ln_f', residual, dModel);
  graph.node('MatMul', [last, graph.node('Transpose', [tokens], { perm: [1, 0] })], {}, 'logits');
  return graph;
}

interface Sizes {
  readonly shape: DecoderShape;
  readonly batch: string;
  readonly length: string;
}

/** [1, 1, length, length]: 0 where a position may look, the lowest float elsewhere. */
function causalMask(graph: GraphBuilder, positions: string): string {
  const keys = graph.node('Unsqueeze', [positions, graph.integers(0, 1, 2)]);
  const queries = graph.node('Unsqueeze', [positions, graph.integers(0, 1, 3)]);
  return graph.node('Where', [graph.node('LessOrEqual', [keys, queries]), graph.scalar(0), graph.scalar(-3.4028234663852886e38)]);
}

function norm(graph: GraphBuilder, name: string, input: string, width: number): string {
  return graph.node('LayerNormalization', [input, graph.random(`${name}.weight`, [width], 0.1, 1), graph.random(`${name}.bias`, [width], 0.1)], { axis: -1, epsilon: 1e-5 });
}

/** Rows of a [batch, length, inputs] tensor times a matrix, as Conv1D exports it: flat, Gemm, and back. */
function conv1d(graph: GraphBuilder, name: string, input: string, inputs: number, outputs: number, spread: number, { batch, length }: Sizes): string {
  const flat = graph.node('Reshape', [input, graph.integers(-1, inputs)], { allowzero: 1 });
  const product = graph.node('Gemm', [flat, graph.random(`${name}.weight`, [inputs, outputs], spread), graph.random(`${name}.bias`, [outputs], 0.02)], { transA: 0, transB: 0 });
  return graph.node('Reshape', [product, graph.node('Concat', [batch, length, graph.integers(outputs)], { axis: 0 })], { allowzero: 1 });
}

function attention(graph: GraphBuilder, at: string, input: string, mask: string, sizes: Sizes): string {
  const { dModel, heads } = sizes.shape;
  const width = dModel / heads;
  const all = conv1d(graph, `${at}.attn.c_attn`, input, dModel, 3 * dModel, spreadOf(dModel, Math.sqrt(SCORE_DEVIATION)), sizes);
  const parts = ['query', 'key', 'value'].map((part) => `${at}.attn.${part}`);
  graph.many('Split', [all], parts, { axis: 2, num_outputs: 3 });
  const byHead = graph.node('Concat', [sizes.batch, sizes.length, graph.integers(-1), graph.integers(width)], { axis: 0 });
  const [query = '', key = '', value = ''] = parts.map((part) => graph.node('Reshape', [part, byHead], { allowzero: 1 }));
  const scores = graph.node('MatMul', [graph.node('Transpose', [query], { perm: [0, 2, 1, 3] }), graph.node('Transpose', [key], { perm: [0, 2, 3, 1] })]);
  const scaled = graph.node('Mul', [scores, graph.scalar(1 / Math.sqrt(width))]);
  const pattern = graph.node('Softmax', [graph.node('Add', [scaled, mask])], { axis: -1 });
  const mixed = graph.node('MatMul', [pattern, graph.node('Transpose', [value], { perm: [0, 2, 1, 3] })]);
  return conv1d(graph, `${at}.attn.c_proj`, graph.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }), dModel, dModel, spreadOf(dModel, 0.3), sizes);
}

function mlp(graph: GraphBuilder, at: string, input: string, sizes: Sizes): string {
  const { dModel, dMlp } = sizes.shape;
  const before = conv1d(graph, `${at}.mlp.c_fc`, input, dModel, dMlp, spreadOf(dModel), sizes);
  return conv1d(graph, `${at}.mlp.c_proj`, gelu(graph, before), dMlp, dModel, spreadOf(dMlp, 0.5), sizes);
}

function gelu(graph: GraphBuilder, input: string): string {
  const cubed = graph.node('Mul', [graph.node('Pow', [input, graph.scalar(3)]), graph.scalar(0.044715)]);
  const inner = graph.node('Mul', [graph.node('Add', [input, cubed]), graph.scalar(Math.sqrt(2 / Math.PI))]);
  const gate = graph.node('Add', [graph.node('Tanh', [inner]), graph.scalar(1)]);
  return graph.node('Mul', [graph.node('Mul', [input, graph.scalar(0.5)]), gate]);
}
