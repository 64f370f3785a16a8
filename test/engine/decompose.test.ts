/** Fused operators written out in plain ones compute what ONNX Runtime computes in the fused operator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOOL, FLOAT, FLOAT16 } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { floatsOf, given, openCase, provedEqual, runPlain, wholesOf } from './lib/fusedCase.ts';
import type { Feed, FusedCase } from './lib/fusedCase.ts';

const scratch = new Scratch();
const INT32 = 6;
const MS = 'com.microsoft';
const TOLERANCE = 2e-6;

const stream = (): Feed => floatsOf(['batch', 'seq', 32]);
const vector = (size = 32): Feed => floatsOf([size]);
const float = (value: number): { readonly float: number } => ({ float: value });

const skipNorms: readonly FusedCase[] = [
  ...[18, 14].flatMap((opset): FusedCase[] => [
    { what: `all outputs, opset ${opset}`, op: 'SkipLayerNormalization', domain: MS, opset, attributes: { epsilon: float(1e-5) }, inputs: [stream(), stream(), vector(), vector()], outputs: [0, 3] },
    { what: `all outputs, opset ${opset}`, op: 'SkipSimplifiedLayerNormalization', domain: MS, opset, attributes: { epsilon: float(1e-5) }, inputs: [stream(), stream(), vector()], outputs: [0, 3] },
  ]),
  { what: 'with the bias of the branch', op: 'SkipLayerNormalization', domain: MS, inputs: [stream(), stream(), vector(), vector(), vector()], outputs: [0, 3] },
  { what: 'with a bias and without beta', op: 'SkipLayerNormalization', domain: MS, inputs: [stream(), stream(), vector(), undefined, vector()], outputs: [0, 3] },
  { what: 'a branch that is the same in each row', op: 'SkipLayerNormalization', domain: MS, inputs: [stream(), floatsOf(['seq', 32]), vector(), vector()] },
  { what: 'with the bias of the branch', op: 'SkipSimplifiedLayerNormalization', domain: MS, inputs: [stream(), stream(), vector(), vector()], outputs: [0, 3] },
];

const ids = (limit = 10): Feed => wholesOf(['batch', 'seq'], limit, INT32);
const table = (rows: number): Feed => floatsOf([rows, 32]);
const mask01 = (): Feed => given(['batch', 'seq'], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0], INT32);

const embedNorms: readonly FusedCase[] = [
  { what: 'with segments, a mask and all outputs', op: 'EmbedLayerNormalization', domain: MS, attributes: { epsilon: float(1e-5), mask_index_type: 1 }, inputs: [ids(), ids(2), table(10), table(8), table(2), vector(), vector(), mask01()], outputs: [0, 1, 2] },
  { what: 'without segments, no mask', op: 'EmbedLayerNormalization', domain: MS, inputs: [ids(), undefined, table(10), table(8), undefined, vector(), vector()], outputs: [0, 1] },
  { what: 'with positions given', op: 'EmbedLayerNormalization', domain: MS, opset: 12, inputs: [ids(), ids(2), table(10), table(8), table(2), vector(), vector(), undefined, ids(8)], outputs: [0, 2] },
];

const activations: readonly FusedCase[] = [
  { what: 'erf', op: 'Gelu', domain: MS, inputs: [floatsOf(['batch', 'seq', 32], 4)] },
  { what: 'erf of a sum', op: 'BiasGelu', domain: MS, inputs: [floatsOf(['batch', 'seq', 32], 4), vector()] },
  { what: 'tanh', op: 'FastGelu', domain: MS, inputs: [floatsOf(['batch', 'seq', 32], 4)] },
  { what: 'tanh of a sum', op: 'FastGelu', domain: MS, inputs: [floatsOf(['batch', 'seq', 32], 4), vector()] },
  { what: 'its own factor', op: 'QuickGelu', domain: MS, inputs: [floatsOf(['batch', 'seq', 32], 4)] },
  { what: 'factor 1, SiLU', op: 'QuickGelu', domain: MS, attributes: { alpha: float(1) }, inputs: [floatsOf(['batch', 'seq', 32], 4)] },
];

const products: readonly FusedCase[] = [
  { what: 'a factor', op: 'FusedMatMul', domain: MS, attributes: { alpha: 0.125 }, inputs: [floatsOf(['batch', 3, 'seq', 8]), floatsOf(['batch', 3, 8, 'seq'])] },
  { what: 'the first transposed', op: 'FusedMatMul', domain: MS, attributes: { transA: 1 }, inputs: [floatsOf(['batch', 8, 'seq']), floatsOf(['batch', 8, 4])] },
  { what: 'the second transposed, with a factor', op: 'FusedMatMul', domain: MS, attributes: { transB: 1, alpha: float(2) }, inputs: [floatsOf(['batch', 3, 'seq', 8]), floatsOf(['batch', 3, 'seq', 8])] },
  { what: 'Relu', op: 'FusedGemm', domain: MS, attributes: { activation: 'Relu', transB: 1, alpha: 0.5 }, inputs: [floatsOf(['seq', 8]), floatsOf([4, 8]), vector(4)] },
];

const positions = (): Feed => wholesOf(['batch', 'seq'], 12);
const tables = (half: number): readonly [Feed, Feed] => [floatsOf(['rows', half]), floatsOf(['rows', half])];
const rotary: readonly FusedCase[] = [0, 1].flatMap((interleaved): readonly FusedCase[] => [
  { what: `joined heads, interleaved ${interleaved}`, op: 'RotaryEmbedding', domain: MS, attributes: { interleaved }, inputs: [stream(), positions(), ...tables(4)] },
  { what: `heads apart, interleaved ${interleaved}`, op: 'RotaryEmbedding', domain: MS, attributes: { interleaved }, inputs: [floatsOf(['batch', 4, 'seq', 8]), positions(), ...tables(4)] },
  { what: `a part of each head, interleaved ${interleaved}`, op: 'RotaryEmbedding', domain: MS, attributes: { interleaved, num_heads: 4, rotary_embedding_dim: 4 }, inputs: [stream(), positions(), ...tables(2)] },
  { what: `positions counted from one, interleaved ${interleaved}`, op: 'RotaryEmbedding', domain: MS, attributes: { interleaved }, inputs: [floatsOf(['batch', 4, 'seq', 8]), given([1], [3]), ...tables(4)] },
]);

const padding = (): Feed => given(['batch', 'seq'], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0], INT32);
const weights = (width = 96): Feed => floatsOf([32, width], 0.5);
const heads4 = { num_heads: 4 };
const withPast = given(['batch', 'total'], [1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1], INT32);
const attention: readonly FusedCase[] = [
  { what: 'no mask', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96)] },
  { what: 'padding as 0 and 1', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), padding()] },
  { what: 'padding as 0 and 1, opset 12', op: 'Attention', domain: MS, opset: 12, attributes: heads4, inputs: [stream(), weights(), vector(96), padding()] },
  { what: 'padding as lengths', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), given(['batch'], [5, 3], INT32)] },
  { what: 'padding as ends and starts', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), given(['two'], [5, 3, 2, 0], INT32)] },
  { what: 'ends and starts beyond the row', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), given(['two'], [7, 0, 9, 1], INT32)] },
  { what: 'starts behind ends, causal, with a filter of its own', op: 'Attention', domain: MS, attributes: { ...heads4, unidirectional: 1, mask_filter_value: float(-50) }, inputs: [stream(), weights(), vector(96), given(['two'], [2, 5, 4, 3], INT32)] },
  { what: 'padding as lengths, which the file does not say', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), given(['lengths'], [5, 3], INT32)] },
  { what: 'lengths and where rows begin, side by side', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), given(['packed'], [4, 3, 0, 5, 10, 0, 5, 10], INT32)] },
  { what: 'ends and starts of one row', op: 'Attention', domain: MS, attributes: heads4, inputs: [floatsOf([1, 'seq', 32]), weights(), vector(96), given([2], [4, 1], INT32)] },
  { what: 'lengths of one row and where rows begin', op: 'Attention', domain: MS, attributes: heads4, inputs: [floatsOf([1, 'seq', 32]), weights(), vector(96), given([5], [4, 0, 5, 0, 5], INT32)] },
  { what: 'a mask for each query', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), given(['batch', 'seq', 'seq'], Array.from({ length: 50 }, (_, index) => (index % 3 === 0 ? 0 : 1)), INT32)] },
  { what: 'a filter of its own', op: 'Attention', domain: MS, attributes: { ...heads4, mask_filter_value: float(-3.4028234663852886e38) }, inputs: [stream(), weights(), vector(96), padding()] },
  { what: 'causal', op: 'Attention', domain: MS, attributes: { ...heads4, unidirectional: 1 }, inputs: [stream(), weights(), vector(96)] },
  { what: 'causal and padded in front', op: 'Attention', domain: MS, attributes: { ...heads4, unidirectional: 1 }, inputs: [stream(), weights(), vector(96), given(['batch', 'seq'], [1, 1, 1, 1, 1, 0, 0, 1, 1, 1], INT32)] },
  { what: 'a bias on the scores', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), padding(), undefined, floatsOf(['batch', 4, 'seq', 'seq'])] },
  { what: 'one bias on the scores for all', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), undefined, undefined, floatsOf([1, 1, 'seq', 'seq'])] },
  { what: 'a scale of its own', op: 'Attention', domain: MS, attributes: { ...heads4, scale: 0.7 }, inputs: [stream(), weights(), vector(96)] },
  { what: 'values of another width', op: 'Attention', domain: MS, attributes: { ...heads4, qkv_hidden_sizes: [32, 32, 16] }, inputs: [stream(), weights(80), vector(80), padding()] },
  { what: 'present', op: 'Attention', domain: MS, attributes: { ...heads4, unidirectional: 1 }, inputs: [stream(), weights(), vector(96)], outputs: [0, 1] },
  { what: 'past and present, causal', op: 'Attention', domain: MS, attributes: { ...heads4, unidirectional: 1 }, inputs: [stream(), weights(), vector(96), undefined, floatsOf([2, 'batch', 4, 'past', 8])], outputs: [0, 1] },
  { what: 'past and padding', op: 'Attention', domain: MS, attributes: { ...heads4, unidirectional: 1 }, inputs: [stream(), weights(), vector(96), withPast, floatsOf([2, 'batch', 4, 'past', 8])], outputs: [0, 1] },
];

const other = (): Feed => floatsOf(['batch', 'other', 32]);
const apart = (length: string, size = 8): Feed => floatsOf(['batch', 4, length, size]);
const otherPadding = (): Feed => given(['batch', 'other'], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0], INT32);
const none = undefined;
const multiHead: readonly FusedCase[] = [
  { what: 'itself', inputs: [stream(), stream(), stream()] },
  { what: 'with bias', inputs: [stream(), stream(), stream(), vector(96)] },
  { what: 'another sequence', inputs: [stream(), other(), other(), vector(96)] },
  { what: 'another sequence, padded', inputs: [stream(), other(), other(), vector(96), otherPadding()] },
  { what: 'padding as 0 and 1, opset 12', opset: 12, inputs: [stream(), stream(), stream(), none, padding()] },
  { what: 'padding as lengths', inputs: [stream(), stream(), stream(), none, given(['batch'], [5, 3], INT32)] },
  { what: 'padding as lengths, which the file does not say', inputs: [stream(), stream(), stream(), none, given(['lengths'], [5, 3], INT32)] },
  { what: 'lengths and where rows begin, side by side', inputs: [stream(), stream(), stream(), none, given(['packed'], [4, 3, 0, 5, 10, 0, 5, 10], INT32)] },
  { what: 'a mask for each query', inputs: [stream(), stream(), stream(), none, given(['batch', 'seq', 'seq'], Array.from({ length: 50 }, (_, index) => (index % 3 === 0 ? 0 : 1)), INT32)] },
  { what: 'a bias on the scores', inputs: [stream(), stream(), stream(), none, none, floatsOf(['batch', 4, 'seq', 'seq'])] },
  { what: 'one bias on the scores for all', inputs: [stream(), stream(), stream(), none, none, floatsOf([1, 4, 'seq', 'seq'])] },
  { what: 'causal', attributes: { unidirectional: 1 }, inputs: [stream(), stream(), stream()] },
  { what: 'causal and padded', attributes: { unidirectional: 1 }, inputs: [stream(), stream(), stream(), none, padding()] },
  { what: 'a scale and a filter of its own', attributes: { scale: 0.3, mask_filter_value: float(-1e9) }, inputs: [stream(), stream(), stream(), none, padding()] },
  { what: 'a filter that hides all from a row', attributes: { mask_filter_value: float(-3.4028234663852886e38) }, inputs: [stream(), stream(), stream(), none, given(['batch', 'seq'], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0], INT32)] },
  { what: 'a bias that hides all from a row', inputs: [stream(), stream(), stream(), none, none, given([1, 1, 'seq', 'seq'], Array.from({ length: 25 }, (_, index) => (index < 5 ? -3.4028234663852886e38 : 0)), FLOAT)] },
  { what: 'values of another width', inputs: [stream(), other(), floatsOf(['batch', 'other', 16]), vector(80)] },
  { what: 'keys and values that stand apart by head', inputs: [stream(), apart('other'), apart('other')] },
  { what: 'keys and values that stand apart by head, bias on the queries', inputs: [stream(), apart('other'), apart('other'), vector(96)] },
  { what: 'past and present', inputs: [stream(), stream(), stream(), vector(96), none, none, apart('past'), apart('past')], outputs: [0, 1, 2] },
  { what: 'past and present, causal', attributes: { unidirectional: 1 }, inputs: [stream(), stream(), stream(), none, none, none, apart('past'), apart('past')], outputs: [0, 1, 2] },
  { what: 'past and padding', inputs: [stream(), stream(), stream(), none, withPast, none, apart('past'), apart('past')], outputs: [0, 1, 2] },
  { what: 'present without past', inputs: [stream(), stream(), stream()], outputs: [0, 1, 2] },
  { what: 'scores', inputs: [stream(), stream(), stream(), none, padding()], outputs: [0, 1, 2, 3] },
].map((one) => ({ op: 'MultiHeadAttention', domain: MS, ...one, attributes: { num_heads: 4, ...('attributes' in one ? one.attributes : {}) } }));

const full = given(['batch'], [4, 4], INT32);
const five = given([1], [5], INT32);
const grouped = (width: number): Feed => floatsOf(['batch', 'seq', width]);
const past2 = (size = 16): readonly [Feed, Feed] => [floatsOf(['batch', 2, 'past', size]), floatsOf(['batch', 2, 'past', size])];
const empty2 = (): readonly [Feed, Feed] => [floatsOf(['batch', 2, 0, 16]), floatsOf(['batch', 2, 0, 16])];
const onePast = (): readonly [Feed, Feed] => [floatsOf([1, 2, 'past', 16]), floatsOf([1, 2, 'past', 16])];
const oneAfter = [given([1], [7], INT32), given([1], [8], INT32)] as const;
const oneRow = (width: number): Feed => floatsOf([1, 'seq', width]);
const next = (width: number): Feed => floatsOf(['batch', 1, width]);
const groupQuery: readonly FusedCase[] = [
  { what: 'first prompt', inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five] },
  { what: 'first prompt, an empty past', inputs: [grouped(64), grouped(32), grouped(32), ...empty2(), full, five] },
  { what: 'first prompt, all side by side', inputs: [grouped(128), none, none, none, none, full, five] },
  { what: 'first prompt, padded behind', meaningful: [5, 3], inputs: [grouped(64), grouped(32), grouped(32), none, none, given(['batch'], [4, 2], INT32), five], outputs: [0] },
  { what: 'rotary', attributes: { do_rotary: 1 }, inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five, ...tables(8)] },
  { what: 'rotary, interleaved, all side by side', attributes: { do_rotary: 1, rotary_interleaved: 1 }, inputs: [grouped(128), none, none, none, none, full, five, ...tables(8)] },
  { what: 'rotary on a part of each head', attributes: { do_rotary: 1 }, inputs: [grouped(128), floatsOf(['batch', 'seq', 64]), floatsOf(['batch', 'seq', 64]), none, none, full, five, ...tables(8)] },
  { what: 'a window', attributes: { local_window_size: 2 }, inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five] },
  { what: 'a soft cap and a scale of its own', attributes: { softcap: float(2), scale: 0.9 }, inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five] },
  { what: 'a soft cap and a window', attributes: { softcap: float(2), local_window_size: 3 }, inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five] },
  { what: 'the next token behind a past', attributes: { do_rotary: 1 }, inputs: [next(64), next(32), next(32), ...past2(), given(['batch'], [3, 3], INT32), given([1], [4], INT32), ...tables(8)] },
  { what: 'the next token behind a past, with a window', attributes: { do_rotary: 1, local_window_size: 2 }, inputs: [next(64), next(32), next(32), ...past2(), given(['batch'], [3, 3], INT32), given([1], [4], INT32), ...tables(8)] },
  { what: 'several tokens behind a past', attributes: { do_rotary: 1 }, inputs: [oneRow(64), oneRow(32), oneRow(32), ...onePast(), ...oneAfter, ...tables(8)] },
  { what: 'several tokens behind a past, all side by side, with a window and a cap', attributes: { do_rotary: 1, local_window_size: 4, softcap: float(3) }, inputs: [oneRow(128), none, none, ...onePast(), ...oneAfter, ...tables(8)] },
  { what: 'positions given behind a past', attributes: { do_rotary: 1 }, inputs: [next(64), next(32), next(32), ...past2(), given(['batch'], [3, 3], INT32), given([1], [4], INT32), ...tables(8), given(['batch', 1], [5, 2])] },
  { what: 'rows of different lengths behind a past', compared: [0], attributes: { do_rotary: 1, local_window_size: 3 }, inputs: [next(64), next(32), next(32), ...past2(), given(['batch'], [3, 1], INT32), given([1], [4], INT32), ...tables(8)] },
  { what: 'positions given', attributes: { do_rotary: 1 }, inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five, ...tables(8), positions()] },
  { what: 'a bias on the scores', inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five, none, none, none, floatsOf(['batch', 4, 'seq', 'seq'])] },
  { what: 'one bias on the scores for all', inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five, none, none, none, floatsOf([1, 1, 'seq', 'seq'])] },
  { what: 'the pattern', attributes: { qk_output: 2 }, inputs: [grouped(64), grouped(32), grouped(32), none, none, full, five], outputs: [0, 1, 2, 3] },
].map((one) => ({ op: 'GroupQueryAttention', domain: MS, outputs: [0, 1, 2], ...one, attributes: { num_heads: 4, kv_num_heads: 2, ...('attributes' in one ? one.attributes : {}) } }));

const queries = (): Feed => apart('seq');
const byHead = { q_num_heads: 4, kv_num_heads: 4 };
const fewer = (length: string): Feed => floatsOf(['batch', 2, length, 8]);
const standard: readonly FusedCase[] = [
  { what: 'heads apart', inputs: [queries(), apart('other'), apart('other')] },
  { what: 'heads joined', attributes: byHead, inputs: [stream(), other(), other()] },
  { what: 'heads joined, grouped', attributes: { q_num_heads: 4, kv_num_heads: 2 }, inputs: [stream(), floatsOf(['batch', 'other', 16]), floatsOf(['batch', 'other', 16])] },
  { what: 'grouped', inputs: [queries(), fewer('other'), fewer('other')] },
  { what: 'values of another width', inputs: [queries(), apart('other'), apart('other', 6)] },
  { what: 'causal', attributes: { is_causal: 1 }, inputs: [queries(), apart('seq'), apart('seq')] },
  { what: 'causal, another length', attributes: { is_causal: 1 }, inputs: [queries(), apart('other'), apart('other')] },
  { what: 'a scale of its own', attributes: { scale: 0.8 }, inputs: [queries(), apart('seq'), apart('seq')] },
  { what: 'a soft cap', attributes: { softcap: float(2) }, inputs: [queries(), apart('seq'), apart('seq')] },
  { what: 'a boolean mask', inputs: [queries(), apart('other'), apart('other'), given(['batch', 1, 'seq', 'other'], Array.from({ length: 70 }, (_, index) => (index % 3 === 0 ? 0 : 1)), BOOL)] },
  { what: 'a boolean mask that hides all from some queries', inputs: [queries(), apart('other'), apart('other'), given(['seq', 'other'], Array.from({ length: 35 }, (_, index) => (index < 14 ? 0 : 1)), BOOL)] },
  { what: 'a boolean mask, causal', attributes: { is_causal: 1 }, inputs: [queries(), apart('seq'), apart('seq'), given(['seq', 'seq'], Array.from({ length: 25 }, (_, index) => (index % 5 === 1 ? 0 : 1)), BOOL)] },
  { what: 'an added mask that hides all from some queries', inputs: [queries(), apart('other'), apart('other'), given(['seq', 'other'], Array.from({ length: 35 }, (_, index) => (index < 14 ? -3.4028234663852886e38 : 0)), FLOAT)] },
  { what: 'an infinite mask that hides all from some queries', inputs: [queries(), apart('other'), apart('other'), given(['seq', 'other'], Array.from({ length: 35 }, (_, index) => (index < 14 || index % 3 === 0 ? -Infinity : 0)), FLOAT)] },
  { what: 'a boolean mask that hides all from some queries, causal', attributes: { is_causal: 1 }, inputs: [queries(), apart('seq'), apart('seq'), given(['seq', 'seq'], Array.from({ length: 25 }, (_, index) => (index % 5 === 0 ? 0 : 1)), BOOL)] },
  { what: 'a mask that is added', inputs: [queries(), apart('other'), apart('other'), floatsOf(['batch', 4, 'seq', 'other'])] },
  { what: 'a mask that is added, for all', attributes: byHead, inputs: [stream(), other(), other(), floatsOf(['seq', 'other'])] },
  { what: 'a mask for each head', inputs: [queries(), apart('other'), apart('other'), floatsOf([4, 'seq', 'other'])] },
  { what: 'a mask that is added, with a soft cap', attributes: { softcap: float(2) }, inputs: [queries(), apart('other'), apart('other'), floatsOf([1, 1, 'seq', 'other'], 3)] },
  { what: 'past and present', inputs: [queries(), apart('seq'), apart('seq'), none, apart('past'), apart('past')], outputs: [0, 1, 2] },
  { what: 'past and present, causal, heads joined', attributes: { ...byHead, is_causal: 1 }, inputs: [stream(), stream(), stream(), none, apart('past'), apart('past')], outputs: [0, 1, 2] },
  { what: 'past and present, grouped, masked', inputs: [queries(), fewer('seq'), fewer('seq'), floatsOf(['seq', 'total']), fewer('past'), fewer('past')], outputs: [0, 1, 2] },
  ...[0, 1, 2, 3].map((mode) => ({ what: `scores of kind ${mode}`, attributes: { qk_matmul_output_mode: mode, softcap: float(2) }, inputs: [queries(), apart('other'), apart('other'), floatsOf([1, 1, 'seq', 'other'], 3)], outputs: [0, 3] })),
  { what: 'opset 24, keys that are padding', opset: 24, inputs: [queries(), apart('seq'), apart('seq'), none, none, none, given(['batch'], [5, 3])] },
].map((one) => ({ op: 'Attention', domain: '', opset: 23, ...one }));

const rows = (half: number): readonly [Feed, Feed] => [floatsOf([1, 'seq', half]), floatsOf([1, 'seq', half])];
const oneHeads = (): Feed => floatsOf([1, 4, 'seq', 8]);
/** One row: with more, ONNX Runtime turns all but the first wrongly or fails. */
const standardRotary: readonly FusedCase[] = [0, 1].flatMap((interleaved): readonly FusedCase[] => [
  { what: `standard, heads apart, interleaved ${interleaved}`, attributes: { interleaved }, inputs: [oneHeads(), ...rows(4)] },
  { what: `standard, heads joined, interleaved ${interleaved}`, attributes: { interleaved, num_heads: 4 }, inputs: [floatsOf([1, 'seq', 32]), ...rows(4)] },
  { what: `standard, positions given, interleaved ${interleaved}`, attributes: { interleaved }, inputs: [queries(), ...tables(4), positions()] },
  { what: `standard, a part of each head, interleaved ${interleaved}`, attributes: { interleaved, rotary_embedding_dim: 4 }, inputs: [oneHeads(), ...rows(2)] },
].map((one) => ({ op: 'RotaryEmbedding', domain: '', opset: 23, ...one })));

const all = [...skipNorms, ...embedNorms, ...activations, ...products, ...rotary, ...attention, ...multiHead, ...groupQuery, ...standard, ...standardRotary];
for (const one of all) {
  test(`${one.domain === '' ? '' : 'com.microsoft.'}${one.op}, ${one.what}: written out, it computes the same`, () => provedEqual(one, scratch, TOLERANCE));
}

const half = (feed: Feed): Feed => (feed.elemType === FLOAT ? { ...feed, elemType: FLOAT16 } : feed);
const inHalf = [skipNorms[0], activations[1], activations[3], attention[1], multiHead[1], groupQuery[4], standard[0]];
for (const one of inHalf) {
  if (!one) continue;
  test(`${one.op}, ${one.what}, in half precision: written out, it computes the same within rounding`, () =>
    provedEqual({ ...one, inputs: one.inputs.map((feed) => feed && half(feed)) }, scratch, 4e-3));
}

test('Attention without a bias is Attention with a bias of zeros', async () => {
  // ONNX Runtime 1.30 ends the process where it runs the operator without one, so that there is nothing to compare with.
  const inputs = [stream(), weights()];
  const [without, zeros] = [{ what: '', op: 'Attention', domain: MS, attributes: heads4, inputs }, { what: '', op: 'Attention', domain: MS, attributes: heads4, inputs: [...inputs, given([96], Array.from({ length: 96 }, () => 0), FLOAT)] }];
  const plain = await runPlain(without, scratch);
  await provedEqual(zeros, scratch, TOLERANCE);
  assert.deepEqual(plain, await runPlain(zeros, scratch));
});

const refused: readonly (readonly [why: string, one: FusedCase])[] = [
  ['its attribute do_rotary is set', { what: '', op: 'Attention', domain: MS, attributes: { ...heads4, do_rotary: 1 }, inputs: [stream(), weights(), vector(96)] }],
  ['its attribute past_present_share_buffer is set', { what: '', op: 'Attention', domain: MS, attributes: { ...heads4, past_present_share_buffer: 1 }, inputs: [stream(), weights(), vector(96)] }],
  ['its mask has 4 axes', { what: '', op: 'Attention', domain: MS, attributes: heads4, inputs: [stream(), weights(), vector(96), given([1, 1, 2, 2], [1, 1, 1, 1], INT32)] }],
  ['its mask of one axis has 3 values for 2 rows', { what: '', op: 'Attention', domain: MS, attributes: heads4, inputs: [floatsOf([2, 'seq', 32]), weights(), vector(96), given([3], [1, 1, 1], INT32)] }],
  ['its queries, keys and values are packed into one input', { what: '', op: 'MultiHeadAttention', domain: MS, attributes: heads4, inputs: [floatsOf(['batch', 'seq', 4, 3, 8])] }],
  ['its attribute smooth_softmax is set', { what: '', op: 'GroupQueryAttention', domain: MS, attributes: { num_heads: 4, kv_num_heads: 2, smooth_softmax: 1 }, inputs: [grouped(128), none, none, none, none, full, five] }],
  ['its input head_sink is given', { what: '', op: 'GroupQueryAttention', domain: MS, attributes: { num_heads: 4, kv_num_heads: 2 }, inputs: [grouped(128), none, none, none, none, full, five, none, none, none, none, vector(4)] }],
  ['its output 2 is used, which is not written out', { what: '', op: 'SkipLayerNormalization', domain: MS, inputs: [stream(), stream(), vector(), vector()], outputs: [0, 1] }],
  ['its attribute transBatchA is set', { what: '', op: 'FusedMatMul', domain: MS, attributes: { transBatchA: 1 }, inputs: [floatsOf(['seq', 'batch', 8]), floatsOf(['batch', 8, 4])] }],
  ['its attribute activation is "LeakyRelu"', { what: '', op: 'FusedGemm', domain: MS, attributes: { activation: 'LeakyRelu', activation_alpha: 0.1 }, inputs: [floatsOf(['seq', 8]), floatsOf([8, 4])] }],
  ['the type of its input is not known to be float32 or float16', { what: '', op: 'Gelu', domain: MS, inputs: [floatsOf(['batch', 8], 1, 11)] }],
];
for (const [why, one] of refused) {
  test(`${one.op} stays as it is where ${why}`, async () => {
    const opened = await openCase(one, scratch);
    assert.deepEqual([...opened.decomposed.left.values()], [why]);
    assert.deepEqual(opened.graph.nodes.map(({ op }) => op), [one.op]);
    await opened.close();
  });
}
