/** The smallest language model with attention that there is: one layer, two heads, width 4. Changed in many ways by tests. */
import type { NodeProto, TensorProto } from '../../src/engine/onnx/proto/onnx_pb.js';
import { FLOAT, floats, INT64, integers, node, valueInfo } from './protos.ts';
import type { GraphParts } from './protos.ts';
import { randomValues } from './random.ts';

export const VOCAB = 96;
const WIDTH = 4;
const HEADS = 2;
const NEURONS = 6;

/** Some nodes with their weights. */
export interface Layer {
  readonly nodes: readonly NodeProto[];
  readonly weights: readonly TensorProto[];
}

/** Nodes of one layer of attention that reads `stream` and writes `out`. `prefix` keeps names apart. */
export function attentionNodes(stream: string, out: string, prefix = 'a.'): Layer {
  const at = (name: string): string => `${prefix}${name}`;
  const split = (part: string, perm: readonly number[]): NodeProto[] => [
    node('MatMul', [stream, at(`w${part}`)], [at(part)]),
    node('Reshape', [at(part), 'byHead'], [at(`${part}.heads`)]),
    node('Transpose', [at(`${part}.heads`)], [at(`${part}.side`)], { perm }),
  ];
  return {
    nodes: [
      ...split('q', [0, 2, 1, 3]), ...split('k', [0, 2, 3, 1]), ...split('v', [0, 2, 1, 3]),
      node('MatMul', [at('q.side'), at('k.side')], [at('scores')]),
      node('Softmax', [at('scores')], [at('pattern')], { axis: -1 }),
      node('MatMul', [at('pattern'), at('v.side')], [at('z')]),
      node('Transpose', [at('z')], [at('z.rows')], { perm: [0, 2, 1, 3] }),
      node('Reshape', [at('z.rows'), 'joined'], [at('z.joined')]),
      node('MatMul', [at('z.joined'), at('wo')], [out]),
    ],
    weights: ['q', 'k', 'v', 'o'].map((part, index) => floats(at(`w${part}`), [WIDTH, WIDTH], randomValues(index + 1, WIDTH * WIDTH))),
  };
}

/** An MLP of six neurons. */
export function mlpNodes(stream: string, out: string, prefix: string): Layer {
  const at = (name: string): string => `${prefix}${name}`;
  return {
    nodes: [node('MatMul', [stream, at('in')], [at('pre')]), node('Relu', [at('pre')], [at('post')]), node('MatMul', [at('post'), at('out')], [out])],
    weights: [floats(at('in'), [WIDTH, NEURONS], randomValues(7, WIDTH * NEURONS)), floats(at('out'), [NEURONS, WIDTH], randomValues(8, WIDTH * NEURONS))],
  };
}

/** Weights and edges that every variant shares: table, shape vectors, unembedding, input and output. */
export function around(layer: Layer): GraphParts {
  return {
    nodes: [node('Gather', ['table', 'input_ids'], ['embedded']), ...layer.nodes, node('MatMul', ['final', 'unembed'], ['logits'])],
    weights: [
      ...layer.weights,
      floats('table', [VOCAB, WIDTH], randomValues(11, VOCAB * WIDTH)),
      floats('unembed', [WIDTH, VOCAB], randomValues(12, VOCAB * WIDTH)),
      integers('byHead', [4], [0, 0, HEADS, WIDTH / HEADS]),
      integers('joined', [3], [0, 0, WIDTH]),
    ],
    inputs: [valueInfo('input_ids', INT64, ['batch', 'sequence'])],
    outputs: [valueInfo('logits', FLOAT, ['batch', 'sequence', VOCAB])],
  };
}

export function tinyAttention(): GraphParts {
  const layer = attentionNodes('embedded', 'attended');
  return around({ nodes: [...layer.nodes, node('Add', ['embedded', 'attended'], ['final'])], weights: layer.weights });
}
