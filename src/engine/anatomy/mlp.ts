/** One MLP, read from what it adds to the stream: neurons before and after the nonlinearity, gate, output projection. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import { activationName, cutsAtZero } from './activation.ts';
import type { Origin } from './origin.ts';
import { activationsOf, isProjection, lastProjection, matrixOf } from './projection.ts';
import { streamPlace } from './place.ts';
import type { Atom, Carries, Mlp, Place, Reading } from './types.ts';
import { isShapeOp, producerIndex } from './walk.ts';

/** Reads an MLP, or says why it cannot be. `out` is what it adds to the stream, [batch, pos, dModel], and `stream` the state that it reads. */
export function readMlp(stream: Value, out: Value, { types, origin, carries: flows }: Reading): Mlp | string {
  // What stands before the state belongs to other blocks.
  const floor = producerIndex(stream);
  const carries = (value: Value): boolean => flows(value) && producerIndex(value) > floor;
  const projection = lastProjection(out, origin);
  const post = projection && activationsOf(projection, origin)[0];
  if (!projection || !post) return 'what it adds to the residual stream does not come from a projection';
  const inner = upstream(post, origin, carries);
  if (inner.projections.length === 0) return 'no projection stands before its neurons';
  const gate = gateOf(post, origin, carries);
  const activation = activationName(gate ? upstream(gate.gate, origin, carries).nodes : inner.nodes);
  if (activation === undefined) return 'no nonlinearity that is known stands between its projections';

  const matrix = matrixOf(projection, origin);
  const neurons = asNumber(types.of(post).shape?.at(-1)) ?? (matrix ? asNumber(types.of(matrix).shape?.[0]) : undefined) ?? null;
  const place = (value: Value, last: Atom): Place => streamPlace(value, types, last);
  const pre = preactivation(gate?.gate ?? post, origin, carries);
  const linear = gate && preactivation(gate.up, origin, carries);
  return {
    neurons,
    gated: gate !== undefined,
    activation,
    pre: pre ? place(pre, 'neuron') : null,
    preLinear: linear ? place(linear, 'neuron') : null,
    post: place(post, 'neuron'),
    out: place(out, 'dModel'),
    projection,
  };
}

interface Upstream {
  readonly nodes: readonly GraphNode[];
  readonly projections: readonly GraphNode[];
}

/** What lies between a value and the projections before it. */
function upstream(value: Value, origin: Origin, carries: Carries): Upstream {
  const nodes = new Set<GraphNode>();
  const projections = new Set<GraphNode>();
  const stack: Value[] = [value];
  for (let current = stack.pop(); current; current = stack.pop()) {
    const producer = current.producer;
    if (!producer || nodes.has(producer) || isShapeOp(producer)) continue;
    if (isProjection(producer, origin)) {
      projections.add(producer);
      continue;
    }
    nodes.add(producer);
    for (const input of producer.inputs) if (input && carries(input)) stack.push(input);
  }
  return { nodes: [...nodes], projections: [...projections] };
}

/**
 * The factors of `act(gate) * up`: a product whose operands come from different projections, or from different
 * outputs of a split, with the nonlinearity on one side only. `x * sigmoid(x)` has one source and is no gate.
 */
function gateOf(post: Value, origin: Origin, carries: Carries): { readonly gate: Value; readonly up: Value } | undefined {
  const node = behindReshape(post).producer;
  const [a, b] = node?.inputs ?? [];
  if (node?.op !== 'Mul' || !a || !b || !carries(a) || !carries(b)) return undefined;
  const sources = [a, b].map((factor) => preactivation(factor, origin, carries));
  if (!sources[0] || !sources[1] || sources[0] === sources[1]) return undefined;
  const active = [a, b].map((factor) => activationName(upstream(factor, origin, carries).nodes) !== undefined);
  if (active[0] === active[1]) return undefined;
  return active[0] ? { gate: a, up: b } : { gate: b, up: a };
}

function behindReshape(value: Value): Value {
  let current = value;
  while (current.producer && ['Reshape', 'Cast', 'Identity', 'Dropout'].includes(current.producer.op) && current.producer.inputs[0]) current = current.producer.inputs[0];
  return current;
}

/** What the nonlinearity acts on: the nearest value that all paths back from `value` pass, behind which only bias and reshape come. */
function preactivation(value: Value, origin: Origin, carries: Carries): Value | undefined {
  const frontier = new Set<Value>([value]);
  for (;;) {
    const latest = [...frontier].reduce((a, b) => ((b.producer?.index ?? -1) > (a.producer?.index ?? -1) ? b : a));
    if (frontier.size === 1 && isLinear(latest, origin, carries)) return latest;
    const producer = latest.producer;
    frontier.delete(latest);
    if (!producer || isProjection(producer, origin) || isShapeOp(producer)) return undefined;
    for (const input of producer.inputs) if (input && carries(input)) frontier.add(input);
    if (frontier.size === 0) return undefined;
  }
}

const linearOps: ReadonlySet<string> = new Set(['Add', 'Reshape', 'Split', 'Slice', 'Cast', 'Identity']);

/** A projection's output, perhaps with its bias added, reshaped, or one part of a split. */
function isLinear(value: Value, origin: Origin, carries: Carries): boolean {
  let current = value;
  for (;;) {
    const producer = current.producer;
    if (!producer) return false;
    if (isProjection(producer, origin)) return true;
    if (!linearOps.has(producer.op) || cutsAtZero(producer)) return false;
    const carried = producer.inputs.filter((input): input is Value => input !== undefined && carries(input));
    const [input] = carried;
    if (!input || carried.length !== 1) return false;
    current = input;
  }
}
