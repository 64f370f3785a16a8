/** One layer of attention with as many heads as one likes, each of one component; eight wide, 64 tokens in the vocabulary. */
import type { NodeProto } from '../../src/engine/onnx/proto/onnx_pb.js';
import { FLOAT, floats, INT64, integers, node, valueInfo } from './protos.ts';
import type { GraphParts } from './protos.ts';
import { randomValues } from './random.ts';

const [WIDTH, WORDS] = [8, 64];

export function manyHeads(heads: number): GraphParts {
  const side = (part: string, perm: readonly number[]): readonly NodeProto[] => [
    node('MatMul', ['embedded', `w${part}`], [part]), node('Reshape', [part, 'byHead'], [`${part}.heads`]), node('Transpose', [`${part}.heads`], [`${part}.side`], { perm }),
  ];
  return {
    nodes: [
      node('Gather', ['table', 'input_ids'], ['embedded']), ...side('q', [0, 2, 1, 3]), ...side('k', [0, 2, 3, 1]), ...side('v', [0, 2, 1, 3]),
      node('MatMul', ['q.side', 'k.side'], ['scores']), node('Softmax', ['scores'], ['pattern'], { axis: -1 }), node('MatMul', ['pattern', 'v.side'], ['z']),
      node('Transpose', ['z'], ['z.rows'], { perm: [0, 2, 1, 3] }), node('Reshape', ['z.rows', 'joined'], ['z.joined']), node('MatMul', ['z.joined', 'wo'], ['attended']),
      node('Add', ['embedded', 'attended'], ['final']), node('MatMul', ['final', 'unembed'], ['logits']),
    ],
    weights: [
      ...['wq', 'wk', 'wv'].map((name, index) => floats(name, [WIDTH, heads], randomValues(index + 1, WIDTH * heads))), floats('wo', [heads, WIDTH], randomValues(4, WIDTH * heads)),
      floats('table', [WORDS, WIDTH], randomValues(5, WORDS * WIDTH)), floats('unembed', [WIDTH, WORDS], randomValues(6, WORDS * WIDTH)),
      integers('byHead', [4], [0, 0, heads, 1]), integers('joined', [3], [0, 0, heads]),
    ],
    inputs: [valueInfo('input_ids', INT64, ['batch', 'sequence'])], outputs: [valueInfo('logits', FLOAT, ['batch', 'sequence', WORDS])],
  };
}
