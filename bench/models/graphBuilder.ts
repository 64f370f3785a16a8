/** A graph under construction: nodes with the record that torch's exporter writes into each, and weights that are named only. */
import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType, AttributeProtoSchema, NodeProtoSchema, StringStringEntryProtoSchema,
} from '../../src/engine/onnx/proto/onnx_pb.js';
import type { AttributeProto, NodeProto } from '../../src/engine/onnx/proto/onnx_pb.js';

export const FLOAT = 1;
export const INT64 = 7;

/** What the elements of a weight are. */
export type Fill =
  /** Evenly spread over centre ± spread, from a generator seeded by the weight's name. */
  | { readonly kind: 'random'; readonly centre: number; readonly spread: number }
  | { readonly kind: 'values'; readonly values: readonly number[] };

export interface WeightSpec {
  readonly name: string;
  readonly dataType: typeof FLOAT | typeof INT64;
  readonly dims: readonly number[];
  readonly fill: Fill;
}

export type Attributes = Readonly<Record<string, number | readonly number[]>>;

export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly weights: WeightSpec[] = [];
  private readonly constants = new Set<string>();
  private scope = '';

  /** The module that the next nodes belong to. */
  within(scope: string): void {
    this.scope = scope;
  }

  /** A weight drawn from centre ± spread; its name. */
  random(name: string, dims: readonly number[], spread: number, centre = 0): string {
    this.weights.push({ name, dataType: FLOAT, dims, fill: { kind: 'random', centre, spread } });
    return name;
  }

  scalar(value: number): string {
    return this.constant(`float_${value}`, { dataType: FLOAT, dims: [], fill: { kind: 'values', values: [value] } });
  }

  integer(value: number): string {
    return this.constant(`int_${value}`, { dataType: INT64, dims: [], fill: { kind: 'values', values: [value] } });
  }

  integers(...values: readonly number[]): string {
    return this.constant(`ints_${values.join('_')}`, { dataType: INT64, dims: [values.length], fill: { kind: 'values', values } });
  }

  /** A node with one output; its name. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, output = `val_${this.nodes.length}`): string {
    this.many(op, inputs, [output], attributes);
    return output;
  }

  many(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes = {}): void {
    const name = `node_${op}_${this.nodes.length}`;
    this.nodes.push(create(NodeProtoSchema, {
      opType: op, name, input: [...inputs], output: [...outputs],
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      metadataProps: Object.entries(record(this.scope, name, op)).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
    }));
  }

  private constant(name: string, spec: Omit<WeightSpec, 'name'>): string {
    if (!this.constants.has(name)) this.weights.push({ name, ...spec });
    this.constants.add(name);
    return name;
  }
}

function attribute(name: string, value: number | readonly number[]): AttributeProto {
  if (typeof value !== 'number') return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
  return Number.isInteger(value)
    ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) })
    : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value });
}

/** As long as what torch 2.13 writes into the nodes of a GPT-2, about 1.4 kB: reading it is part of opening a model. */
function record(scope: string, name: string, op: string): Readonly<Record<string, string>> {
  const parts = scope.split('.').map((_, index, all) => all.slice(0, index + 1).join('.'));
  const line = (index: number, code: string): string => `File "transformers/models/gpt2/modeling_gpt2.py", line ${index}, in forward\n    ${code}`;
  return {
    'namespace': parts.map((part) => `${part}: transformers.models.gpt2.modeling_gpt2.GPT2Module`).join('/'),
    'pkg.torch.onnx.class_hierarchy': `[${parts.map(() => "'transformers.models.gpt2.modeling_gpt2.GPT2Module'").join(', ')}, 'aten.${op.toLowerCase()}.default']`,
    'pkg.torch.onnx.fx_node': `%${name} : [num_users=1] = call_function[target=torch.ops.aten.${op.toLowerCase()}.default](args = (%before, [%sym_size_int_26, %sym_size_int_27]), kwargs = {})`,
    'pkg.torch.onnx.name_scopes': `[${parts.map((part) => `'${part}'`).join(', ')}]`,
    'pkg.torch.onnx.stack_trace': [
      line(680, 'transformer_outputs: BaseModelOutputWithPastAndCrossAttentions = self.transformer('),
      line(606, 'hidden_states = block('),
      line(274, 'attn_output, _ = self.attn('),
      line(185, 'query_states, key_states, value_states = self.c_attn(hidden_states).split(self.split_size, dim=2)'),
    ].join('\n  '),
  };
}
