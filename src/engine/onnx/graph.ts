/**
 * A graph to walk: nodes and values linked both ways, in topological order whatever the file's order is.
 *
 * Built once from the skeleton. Nothing in it depends on names: values have ids, and names are only kept to talk to
 * ONNX Runtime and to people.
 */
import type { GraphProto, NodeProto, TypeProto } from './proto/onnx_pb.js';

export interface Value {
  readonly id: number;
  readonly name: string;
  /** The node that makes it; undefined for inputs and initialisers. */
  readonly producer: GraphNode | undefined;
  /** Nodes that read it, each once, in topological order; nodes whose subgraph captures it included. */
  readonly consumers: readonly GraphNode[];
  readonly weight: Weight | undefined;
  /** Position among the graph's real inputs (those that are no initialisers), or -1. */
  readonly inputIndex: number;
  /** Position among the graph's outputs, or -1. */
  readonly outputIndex: number;
  /** The type that the file declares, often absent and sometimes wrong. */
  readonly declared: TypeProto | undefined;
}

/** An initialiser: what it is, and where its elements lie; no element is read until asked for. */
export interface Weight {
  readonly name: string;
  /** ONNX TensorProto.DataType. */
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly storage: WeightStorage;
}

export type WeightStorage =
  /** Little-endian elements in a file: the model itself (`path` = the model's path) or an external data file. */
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly length: number }
  /** Small, kept in the skeleton (raw little-endian bytes). */
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  /** Typed protobuf fields that are no plain bytes (varints): a stretch of the model file that must be decoded. */
  | { readonly kind: 'typed-field'; readonly path: string; readonly segments: readonly FieldSegment[]; readonly field: number };

/** One occurrence of a repeated typed field: packed bytes or a single element. */
export interface FieldSegment {
  readonly offset: number;
  readonly length: number;
  readonly packed: boolean;
}

export interface GraphNode {
  /** Index in topological order. */
  readonly index: number;
  readonly op: string;
  /** "" is the standard domain ("ai.onnx" is folded into it). */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly (Value | undefined)[];
  /** Values that are read besides the inputs: by the node's subgraphs (If, Loop, Scan), or by the parts of a bundle (scales, zero points). */
  readonly captured: readonly Value[];
  readonly proto: NodeProto;
  /** The file's own nodes, in topological order, where this stands for several of them (bundles.ts); one may be part of several bundles. */
  readonly parts?: readonly GraphNode[];
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly values: readonly Value[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly byName: ReadonlyMap<string, Value>;
  readonly proto: GraphProto;
}
