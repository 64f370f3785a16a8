/** A decoder as optimum merges it: one `If` whose branches are the model with a past and the one without. */
import { BOOL, FLOAT, floats, graph, INT64, integers, node, valueInfo } from './protos.ts';
import type { GraphParts } from './protos.ts';
import { randomValues } from './random.ts';
import type { GraphProto, NodeProto } from '../../src/engine/onnx/proto/onnx_pb.js';
import { VOCAB } from './tinyAttention.ts';

const WIDTH = 4;

/** Positions up to each one's own, which stands behind the past. */
const lookingBack = (keys: string): readonly NodeProto[] => [
  node('Shape', [keys], ['keys.shape']), node('Gather', ['keys.shape', 'two'], ['total']), node('Shape', ['input_ids'], ['ids.shape']), node('Gather', ['ids.shape', 'one'], ['here']),
  node('Sub', ['total', 'here'], ['before']), node('Range', ['before', 'total', 'one'], ['dest']), node('Unsqueeze', ['dest', 'axis'], ['dest.column']), node('Range', ['zero', 'total', 'one'], ['src']),
  node('LessOrEqual', ['src', 'dest.column'], ['allowed']), node('Where', ['allowed', 'scores', 'never'], ['masked']),
];

/** Both branches give the same names to what they make, as two exports of one model do. */
function branch(withPast: boolean, causal: boolean): GraphProto {
  const side = (part: string): readonly NodeProto[] => [
    node('MatMul', ['embedded', `w${part}`], [part]),
    node('Reshape', [part, 'byHead'], [`${part}.heads`]),
    node('Transpose', [`${part}.heads`], [`${part}.side`], { perm: [0, 2, 1, 3] }),
  ];
  const [keys, values] = withPast ? ['present.key', 'present.value'] : ['k.side', 'v.side'];
  return graph({
    nodes: [
      node('Gather', ['table', 'input_ids'], ['embedded']), ...side('q'), ...side('k'), ...side('v'),
      ...(withPast ? [node('Concat', ['past.key', 'k.side'], ['present.key'], { axis: 2 }), node('Concat', ['past.value', 'v.side'], ['present.value'], { axis: 2 })] : []),
      node('Transpose', [keys], ['k.turned'], { perm: [0, 1, 3, 2] }),
      node('MatMul', ['q.side', 'k.turned'], ['scores']), ...(causal ? lookingBack(keys) : [node('Identity', ['scores'], ['masked'])]), node('Softmax', ['masked'], ['pattern'], { axis: -1 }), node('MatMul', ['pattern', values], ['z']),
      node('Transpose', ['z'], ['z.rows'], { perm: [0, 2, 1, 3] }), node('Reshape', ['z.rows', 'joined'], ['z.joined']), node('MatMul', ['z.joined', 'wo'], ['attended']),
      node('Add', ['embedded', 'attended'], ['final']), node('MatMul', ['final', 'unembed'], ['scores over words']),
    ],
    // As large as to be left in the file.
    weights: [floats('unembed', [WIDTH, VOCAB], randomValues(12, WIDTH * VOCAB))],
    outputs: [valueInfo('scores over words', FLOAT, ['batch', 'sequence', VOCAB]), valueInfo(keys, FLOAT, ['batch', 2, 'total', 2]), valueInfo(values, FLOAT, ['batch', 2, 'total', 2])],
  });
}

/** `whenPast`: the value of the switch for which the branch with a past is run. */
export function mergedDecoder(whenPast = true, causal = true): GraphParts {
  return {
    nodes: [
      node('Identity', ['use_cache'], ['condition']),
      node('If', ['condition'], ['logits', 'next.key', 'next.value'], { then_branch: branch(whenPast, causal), else_branch: branch(!whenPast, causal) }),
    ],
    weights: [
      ...['q', 'k', 'v', 'o'].map((part, index) => floats(`w${part}`, [WIDTH, WIDTH], randomValues(index + 1, WIDTH * WIDTH))),
      floats('table', [VOCAB, WIDTH], randomValues(11, VOCAB * WIDTH)), integers('byHead', [4], [0, 0, 2, 2]), integers('joined', [3], [0, 0, WIDTH]),
      integers('zero', [], [0]), integers('one', [], [1]), integers('two', [], [2]), integers('axis', [1], [1]), floats('never', [], [-1e9]),
    ],
    inputs: [
      valueInfo('input_ids', INT64, ['batch', 'sequence']), valueInfo('past.key', FLOAT, ['batch', 2, 'past', 2]), valueInfo('past.value', FLOAT, ['batch', 2, 'past', 2]),
      valueInfo('use_cache', BOOL, [1]),
    ],
    outputs: [valueInfo('logits', FLOAT, ['batch', 'sequence', VOCAB]), valueInfo('next.key', FLOAT, ['batch', 2, 'total', 2]), valueInfo('next.value', FLOAT, ['batch', 2, 'total', 2])],
  };
}
