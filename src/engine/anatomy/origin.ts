/**
 * Where a value's content comes from: from the model's inputs ("content"), from learnt or fixed numbers alone
 * ("constant"), or from constants and the lengths of inputs ("shape": positions, causal masks, rotary tables).
 */
import type { Graph, Value } from '../onnx/graph.ts';
import { isShapeOp } from './walk.ts';

const CONTENT = 0;
const CONSTANT = 1;
const SHAPE = 2;

export class Origin {
  private readonly kinds: Uint8Array;

  constructor(graph: Graph) {
    this.kinds = new Uint8Array(graph.values.length);
    for (const value of graph.values) if (value.weight) this.kinds[value.id] = CONSTANT;
    for (const node of graph.nodes) {
      let kind = isShapeOp(node) ? SHAPE : CONSTANT;
      if (kind === CONSTANT) {
        const takeOver = (input: Value | undefined): void => {
          const other = input && this.kinds[input.id];
          if (other === CONTENT) kind = CONTENT;
          else if (other === SHAPE && kind === CONSTANT) kind = SHAPE;
        };
        node.inputs.forEach(takeOver);
        node.captured.forEach(takeOver);
      }
      for (const output of node.outputs) if (output) this.kinds[output.id] = kind;
    }
  }

  readonly isContent = (value: Value): boolean => this.kinds[value.id] === CONTENT;
  readonly isConstant = (value: Value): boolean => this.kinds[value.id] === CONSTANT;
}
