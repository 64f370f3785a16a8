/** A fused operator as the rules ask about it. */
import { attribute, intAttribute, intsAttribute, stringAttribute } from '../attributes.ts';
import type { GraphNode, Value } from '../graph.ts';
import { asNumber } from '../infer/dim.ts';
import { unknown } from '../infer/infer.ts';
import type { Inferred, TypeTable } from '../infer/infer.ts';

export class FusedNode {
  readonly node: GraphNode;
  readonly opset: number;
  private readonly types: TypeTable;

  constructor(node: GraphNode, types: TypeTable) {
    this.node = node;
    this.types = types;
    this.opset = types.opset;
  }

  has(input: number): boolean {
    return this.node.inputs[input] !== undefined;
  }

  /** The name of an input that is there. */
  name(input: number): string {
    const value = this.node.inputs[input];
    if (!value) throw new Error(`${this.node.op} has no input ${input}`);
    return value.name;
  }

  maybe(input: number): string | undefined {
    return this.node.inputs[input]?.name;
  }

  type(input: number): Inferred {
    const value = this.node.inputs[input];
    return value ? this.types.of(value) : unknown;
  }

  rank(input: number): number | undefined {
    return this.type(input).shape?.length;
  }

  /** The size of an axis, where it is a known number; from the end where `axis` is negative. */
  size(input: number, axis: number): number | undefined {
    return asNumber(this.type(input).shape?.at(axis));
  }

  get elemType(): number {
    return this.type(0).elemType;
  }

  int(name: string, otherwise = 0): number {
    return intAttribute(this.node, name) ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return intsAttribute(this.node, name);
  }

  float(name: string, otherwise: number): number {
    return attribute(this.node, name)?.f ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    return stringAttribute(this.node, name) ?? otherwise;
  }

  /** Whether an output is used by anything. */
  wants(output: number): boolean {
    return isUsed(this.node.outputs[output]);
  }
}

export const isUsed = (value: Value | undefined): boolean => value !== undefined && (value.consumers.length > 0 || value.outputIndex >= 0);
