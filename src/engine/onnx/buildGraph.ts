/** From the decoded graph to one that can be walked. */
import { CogscopeError } from '../../shared/errors.ts';
import { bundled } from './bundles.ts';
import type { Graph, GraphNode, Value, Weight } from './graph.ts';
import type { GraphProto, NodeProto, TypeProto } from './proto/onnx_pb.js';
import { capturedNames } from './subgraphs.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenValue = Omit<Mutable<Value>, 'consumers'> & { consumers: GraphNode[] };

/** Throws 'unreadable' where a node reads a tensor that nothing makes, or nodes form a circle. */
export function buildGraph(proto: GraphProto, weights: ReadonlyMap<string, Weight>): Graph {
  const values: OpenValue[] = [];
  const byName = new Map<string, OpenValue>();
  const declared = new Map<string, TypeProto>();
  for (const info of [...proto.valueInfo, ...proto.input, ...proto.output]) if (info.type) declared.set(info.name, info.type);
  const define = (name: string): OpenValue => {
    const known = byName.get(name);
    if (known) return known;
    const value: OpenValue = {
      id: values.length, name, producer: undefined, consumers: [], weight: weights.get(name), inputIndex: -1, outputIndex: -1, declared: declared.get(name),
    };
    values.push(value);
    byName.set(name, value);
    return value;
  };

  for (const name of weights.keys()) define(name);
  const inputs = proto.input.filter((info) => !weights.has(info.name)).map((info) => define(info.name));
  inputs.forEach((value, index) => {
    value.inputIndex = index;
  });

  const order = topological(proto.node, byName);
  const nodes = order.map((node, index): GraphNode => {
    const read = node.input.map((name) => (name === '' ? undefined : byName.get(name)));
    const captured = capturedBy(node, byName);
    const outputs = node.output.map((name) => (name === '' ? undefined : define(name)));
    const made: GraphNode = { index, op: node.opType, domain: node.domain === 'ai.onnx' ? '' : node.domain, name: node.name, inputs: read, outputs, captured, proto: node };
    for (const output of outputs) {
      if (!output) continue;
      if (output.producer || output.weight || output.inputIndex >= 0) throw damaged(node, `makes "${output.name}", which is there already`);
      output.producer = made;
    }
    // A node that reads a value twice is the last of its readers.
    for (const input of read) if (input && input.consumers.at(-1) !== made) input.consumers.push(made);
    for (const input of captured) if (input.consumers.at(-1) !== made) input.consumers.push(made);
    return made;
  });
  const outputs = proto.output.map((info) => byName.get(info.name) ?? missing(info.name));
  outputs.forEach((value, index) => {
    value.outputIndex = index;
  });
  const read = bundled(nodes);
  return { nodes: read === nodes ? nodes : linked(read), values, inputs, outputs, byName, proto };
}

const none: readonly OpenValue[] = [];

function capturedBy(node: NodeProto, byName: ReadonlyMap<string, OpenValue>): readonly OpenValue[] {
  const names = capturedNames(node);
  return names.size === 0 ? none : [...names].flatMap((name) => byName.get(name) ?? []);
}

/** Nodes numbered in their order and joined to the values that they read and make, once some of them became bundles. */
function linked(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const numbered = nodes.map((node, index): GraphNode => ({ ...node, index }));
  const open = (value: Value): OpenValue => value as OpenValue;
  for (const node of numbered) for (const value of [...node.inputs, ...node.captured]) if (value) open(value).consumers = [];
  for (const node of numbered) {
    for (const input of new Set([...node.inputs, ...node.captured])) if (input) open(input).consumers.push(node);
    for (const output of node.outputs) if (output) open(output).producer = node;
  }
  return numbered;
}

/** Nodes so that each comes after what it reads; among those that could come next, the file's order holds. */
function topological(nodes: readonly NodeProto[], known: ReadonlyMap<string, unknown>): readonly NodeProto[] {
  return isOrdered(nodes, known) ? nodes : ordered(nodes, known);
}

/** As ONNX asks of a file, and nearly every file is. */
function isOrdered(nodes: readonly NodeProto[], known: ReadonlyMap<string, unknown>): boolean {
  const made = new Set<string>();
  const isThere = (name: string): boolean => name === '' || made.has(name) || known.has(name);
  for (const node of nodes) {
    if (!node.input.every(isThere)) return false;
    for (const name of capturedNames(node)) if (!isThere(name)) return false;
    for (const name of node.output) made.add(name);
  }
  return true;
}

function ordered(nodes: readonly NodeProto[], known: ReadonlyMap<string, unknown>): readonly NodeProto[] {
  const makers = new Map<string, NodeProto>();
  for (const node of nodes) for (const output of node.output) if (output !== '') makers.set(output, node);
  const done = new Set<NodeProto>();
  const open = new Set<NodeProto>();
  const order: NodeProto[] = [];
  for (const root of nodes) {
    const stack: { readonly node: NodeProto; readonly reads: string[] }[] = [];
    const enter = (node: NodeProto): void => {
      open.add(node);
      stack.push({ node, reads: [...node.input.filter((name) => name !== ''), ...capturedNames(node)].reverse() });
    };
    if (!done.has(root)) enter(root);
    while (stack.length > 0) {
      const top = stack.at(-1);
      const name = top?.reads.pop();
      if (!top) break;
      if (name === undefined) {
        stack.pop();
        open.delete(top.node);
        done.add(top.node);
        order.push(top.node);
        continue;
      }
      const maker = makers.get(name);
      if (!maker) {
        if (!known.has(name)) throw damaged(top.node, `reads "${name}", which nothing makes`);
      } else if (open.has(maker)) {
        throw damaged(top.node, `needs its own result through "${name}"`);
      } else if (!done.has(maker)) {
        enter(maker);
      }
    }
  }
  return order;
}

function damaged(node: NodeProto, why: string): CogscopeError {
  return new CogscopeError('unreadable', `The graph is damaged: node "${node.name || node.opType}" ${why}`, ADVICE);
}

function missing(output: string): never {
  throw new CogscopeError('unreadable', `The graph is damaged: its output "${output}" is made by nothing`, ADVICE);
}

const ADVICE = 'Export it again, or check it with onnx.checker';
