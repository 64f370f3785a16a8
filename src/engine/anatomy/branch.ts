/** What one branch adds to the residual stream: attention to its own positions or to another stream's, or an MLP, where positions are not mixed. */
import { intAttribute, intsAttribute } from '../onnx/attributes.ts';
import type { GraphNode, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { AnchorProblem, AttentionAnchor } from './anchor.ts';
import { readAttention } from './attention.ts';
import { readMlp } from './mlp.ts';
import type { Origin } from './origin.ts';
import { isActivationProduct } from './projection.ts';
import { choiceAmong, EXPERTS } from './router.ts';
import type { Attention, HalfRole, Mlp, Reading } from './types.ts';
import { nodesBetween } from './walk.ts';

/** The attention of the whole graph. */
export interface AttentionFound {
  readonly anchors: readonly AttentionAnchor[];
  readonly problems: readonly AnchorProblem[];
}

export interface Branch {
  readonly role: HalfRole;
  /** To the stream itself or, in the role 'cross', to another. */
  readonly attention: Attention | null;
  readonly mlp: Mlp | null;
  /** What chooses among experts, where the branch is a mixture of them. */
  readonly choice: GraphNode | undefined;
  /** Why it is not read. */
  readonly refused: string | null;
  /** Of the attention that belongs to it, read or not. */
  readonly softmax: GraphNode | undefined;
  readonly causal: boolean;
}

export function readBranch(stream: Value, branch: Value, found: AttentionFound, reading: Reading): Branch {
  const inside = new Set(nodesBetween(stream, branch));
  const anchor = found.anchors.find((candidate) => inside.has(candidate.outputProduct));
  const problem = anchor ? undefined : found.problems.find((candidate) => inside.has(candidate.softmax));
  const softmax = (anchor ?? problem)?.softmax;
  const nothing = { attention: null, mlp: null, choice: undefined, refused: null, softmax };
  const choice = softmax ? undefined : choiceAmong(inside);
  if (choice) return { ...nothing, role: 'mlp', causal: false, choice, refused: EXPERTS };
  if (!anchor && !problem && !mixesPositions(inside, reading.origin)) {
    const mlp = readMlp(stream, branch, reading);
    return { ...nothing, role: 'mlp', causal: false, ...(typeof mlp === 'string' ? { refused: mlp } : { mlp }) };
  }
  const isWindowed = attendsInWindows(stream, inside, anchor, reading.types);
  const attention = isWindowed ? WINDOWED : anchor ? readAttention(anchor, branch, reading) : problem?.reason ?? whyUnread(inside, reading);
  const isCross = looksElsewhere(inside, reading);
  return {
    ...nothing, role: isCross ? 'cross' : 'attention', causal: !isCross && !isWindowed && looksBack(inside, reading),
    ...(typeof attention === 'string' ? { refused: attention } : { attention }),
  };
}

/** Whether keys or values come from outside of the stream. */
function looksElsewhere(inside: ReadonlySet<GraphNode>, { origin, carries }: Reading): boolean {
  return [...inside].some((node) => {
    const operands = fusedAttention.has(node.op) ? node.inputs.slice(0, 3) : isActivationProduct(node, origin) ? node.inputs.slice(0, 2) : [];
    return operands.some((operand) => operand !== undefined && origin.isContent(operand) && !carries(operand));
  });
}

const WINDOWED = 'it attends within windows of the image, whose patterns are not those of the stream’s positions; they are not read yet';

/** Dealing an image into windows takes height and width apart twice, which is six axes; else fewer positions attend than the stream has. */
function attendsInWindows(stream: Value, inside: ReadonlySet<GraphNode>, anchor: AttentionAnchor | undefined, types: TypeTable): boolean {
  if ([...inside].some((node) => node.op === 'Transpose' && (intsAttribute(node, 'perm')?.length ?? 0) >= WINDOW_AXES)) return true;
  const state = types.of(stream).shape;
  const attending = asNumber(anchor && types.of(anchor.pattern).shape?.at(-2));
  const positions = state?.length === 3 ? asNumber(state[1]) : undefined;
  return attending !== undefined && positions !== undefined && attending !== positions;
}

const WINDOW_AXES = 6;

/** Operators that hold a whole attention layer. */
export const fusedAttention: ReadonlySet<string> = new Set([
  'Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'DecoderMaskedMultiHeadAttention', 'DecoderMaskedSelfAttention', 'PackedAttention', 'PackedMultiHeadAttention', 'LongformerAttention', 'QAttention', 'LinearAttention',
]);

function mixesPositions(inside: ReadonlySet<GraphNode>, origin: Origin): boolean {
  return [...inside].some((node) => fusedAttention.has(node.op) || isActivationProduct(node, origin));
}

/** Why a branch that mixes positions without a softmax between products is not read. */
function whyUnread(inside: ReadonlySet<GraphNode>, { whyFused }: Reading): string {
  const fused = [...inside].find((node) => fusedAttention.has(node.op));
  const why = fused && whyFused(fused);
  return fused
    ? `it is one fused operator (${fused.op}), which is not opened${why === undefined ? ' yet' : ` since ${why}`}: export the model without fusing it`
    : 'it multiplies activations with each other in a way that is not read as attention';
}

/** Whether some product of the branch is masked from what comes later. */
function looksBack(inside: ReadonlySet<GraphNode>, { origin, isCausal }: Reading): boolean {
  const masked = [...inside].flatMap((node) => (fusedAttention.has(node.op) ? node.inputs.slice(3) : isActivationProduct(node, origin) ? node.inputs : []));
  const isFlagged = [...inside].some((node) => fusedAttention.has(node.op) && (intAttribute(node, 'is_causal') === 1 || intAttribute(node, 'unidirectional') === 1));
  return isFlagged || masked.some((input) => input && isCausal(input));
}
