/** The model's own functions (an exporter's modules, operators in terms of others) in place of their calls, so that everything sees what is inside. */
import { clone, create } from '@bufbuild/protobuf';
import { freshName } from './freshName.ts';
import { AttributeProtoSchema, GraphProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema } from './proto/onnx_pb.js';
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto } from './proto/onnx_pb.js';
import { builtIn } from './problems.ts';
import { subgraphsOf } from './subgraphs.ts';

/** Calls in calls may double from level to level; beyond this they stay calls. */
const MAX_NODES = 1 << 17;

/** Changes `proto`. Functions of another operator set stay, and so does one that calls itself. */
export function inlineFunctions(proto: ModelProto): void {
  const { graph } = proto;
  if (!graph || proto.functions.length === 0) return;
  const known = new Map(proto.functions.filter((made) => !builtIn.has(made.domain) && fitsOpset(made, proto)).map((made) => [keyOf(made.domain, made.name, made.overload), made]));
  const inliner = new Inliner(known, namesIn(graph));
  graph.node = inliner.expand(graph.node, new Set());
  for (const made of inliner.used) addImports(made, proto);
  const all = new Map(proto.functions.map((made) => [keyOf(made.domain, made.name, made.overload), made]));
  const left = stillCalled(graph.node, all, new Set());
  proto.functions = proto.functions.filter((made) => left.has(made));
}

/** Adds to `found` the functions that these nodes call, and those that these call. */
function stillCalled(nodes: readonly NodeProto[], all: ReadonlyMap<string, FunctionProto>, found: Set<FunctionProto>): ReadonlySet<FunctionProto> {
  for (const node of nodes) {
    for (const inner of subgraphsOf(node)) stillCalled(inner.node, all, found);
    const made = all.get(callOf(node));
    if (!made || found.has(made)) continue;
    found.add(made);
    stillCalled(made.node, all, found);
  }
  return found;
}

const keyOf = (domain: string, name: string, overload: string): string => JSON.stringify([domain, name, overload]);
const callOf = (node: NodeProto): string => keyOf(node.domain, node.opType, node.overload);
const standard = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

function fitsOpset(made: FunctionProto, proto: ModelProto): boolean {
  return made.opsetImport.every(({ domain, version }) => proto.opsetImport.every((entry) => standard(entry.domain) !== standard(domain) || entry.version === version));
}

function addImports(made: FunctionProto, proto: ModelProto): void {
  for (const { domain, version } of made.opsetImport) {
    if (!proto.opsetImport.some((entry) => standard(entry.domain) === standard(domain))) proto.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version }));
  }
}

/** All names of a graph and the graphs inside it. */
function namesIn(graph: GraphProto): Set<string> {
  const names = new Set([...graph.input, ...graph.initializer, ...graph.output].map(({ name }) => name));
  for (const node of graph.node) {
    for (const name of [...node.input, ...node.output]) names.add(name);
    for (const inner of subgraphsOf(node)) for (const name of namesIn(inner)) names.add(name);
  }
  return names;
}

class Inliner {
  readonly used = new Set<FunctionProto>();
  private readonly known: ReadonlyMap<string, FunctionProto>;
  private readonly names: Set<string>;
  private count = 0;

  constructor(known: ReadonlyMap<string, FunctionProto>, names: Set<string>) {
    this.known = known;
    this.names = names;
  }

  /** `open`: the functions whose bodies these nodes stand in. */
  expand(nodes: readonly NodeProto[], open: ReadonlySet<FunctionProto>): NodeProto[] {
    return nodes.flatMap((node) => {
      for (const inner of subgraphsOf(node)) inner.node = this.expand(inner.node, open);
      const made = this.known.get(callOf(node));
      if (!made || open.has(made) || this.count + made.node.length > MAX_NODES) return [node];
      this.count += made.node.length;
      this.used.add(made);
      return this.expand(this.body(made, node), new Set([...open, made]));
    });
  }

  /** A function's nodes as a call runs them: with the call's names, attributes and record. */
  private body(made: FunctionProto, call: NodeProto): NodeProto[] {
    const names = new Map(made.input.map((name, index) => [name, call.input[index] ?? '']));
    const handedOn: NodeProto[] = [];
    made.output.forEach((name, index) => {
      const outer = call.output[index];
      if (outer === undefined || outer === '') return;
      if (!names.has(name)) names.set(name, outer);
      else handedOn.push(create(NodeProtoSchema, { opType: 'Identity', input: [names.get(name) ?? ''], output: [outer] }));
    });
    const base = call.name || call.output.find((name) => name !== '') || made.name;
    const scope: Scope = { names, fresh: (name) => freshName(`${base}/${name}`, this.names), attributes: attributesOf(made, call) };
    return [...made.node.map((node) => instance(node, scope, call)), ...handedOn];
  }
}

interface Scope {
  /** From names in the function to names in the graph. */
  readonly names: Map<string, string>;
  readonly fresh: (name: string) => string;
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

/** What the call gives, else the function's own default. */
function attributesOf(made: FunctionProto, call: NodeProto): ReadonlyMap<string, AttributeProto> {
  const wanted = new Set([...made.attribute, ...made.attributeProto.map(({ name }) => name)]);
  return new Map([...made.attributeProto, ...call.attribute].filter(({ name }) => wanted.has(name)).map((attribute) => [attribute.name, attribute]));
}

function instance(node: NodeProto, scope: Scope, call: NodeProto): NodeProto {
  const copy = clone(NodeProtoSchema, node);
  rename(copy, scope);
  if (copy.metadataProps.length === 0) copy.metadataProps = call.metadataProps;
  if (call.name !== '') copy.name = `${call.name}/${node.name || node.opType}`;
  return copy;
}

/** Changes `node`. Names that it makes, also in its subgraphs, become names of the graph. */
function rename(node: NodeProto, { names, fresh, attributes }: Scope): void {
  const renamed = (name: string): string => {
    if (name === '') return '';
    const known = names.get(name);
    if (known !== undefined) return known;
    const made = fresh(name);
    names.set(name, made);
    return made;
  };
  node.input = node.input.map(renamed);
  node.output = node.output.map(renamed);
  node.attribute = node.attribute.flatMap((attribute): AttributeProto[] => {
    if (attribute.refAttrName === '') return [attribute];
    const given = attributes.get(attribute.refAttrName);
    return given ? [clone(AttributeProtoSchema, { ...given, name: attribute.name })] : [];
  });
  for (const inner of subgraphsOf(node)) renameGraph(inner, { names: new Map(names), fresh, attributes });
}

function renameGraph(graph: GraphProto, scope: Scope): void {
  const { names, fresh } = scope;
  for (const { name } of [...graph.input, ...graph.initializer]) names.set(name, fresh(name));
  for (const node of graph.node) for (const name of node.output) if (name !== '') names.set(name, fresh(name));
  for (const part of [...graph.input, ...graph.initializer, ...graph.output]) part.name = names.get(part.name) ?? part.name;
  for (const node of graph.node) rename(node, scope);
  graph.valueInfo = create(GraphProtoSchema).valueInfo;
}
