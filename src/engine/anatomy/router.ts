/** A mixture of experts: a router scores the experts, and the best few are chosen for each position. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { streamPlace } from './place.ts';
import type { Place } from './types.ts';
import { unalias } from './walk.ts';

/** Choosing among experts, on the way from the stream to what its branch adds. */
export const choiceAmong = (nodes: Iterable<GraphNode>): GraphNode | undefined => [...nodes].find((node) => node.op === 'TopK');

/** The probabilities that the choice is made from, [batch, pos, expert]; null where it is made from something else. */
export function routerPlace(choice: GraphNode, types: TypeTable): Place | null {
  const scores: Value | undefined = choice.inputs[0] && unalias(choice.inputs[0]);
  return scores?.producer && (scores.producer.op === 'Softmax' || scores.producer.op === 'Sigmoid') ? streamPlace(scores, types, 'expert') : null;
}

export const EXPERTS = 'it is a mixture of experts, whose neurons are other ones for each token; experts are not read yet';
