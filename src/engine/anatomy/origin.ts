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

  /**
   * `starts` count as content, whatever they are made from: the learnt state that a head starts from. A length counts as constant where
   * `isKnown` holds.
   */
  constructor(graph: Graph, starts: readonly Value[] = [], isKnown: (value: Value) => boolean = () => false) {
    this.kinds = new Uint8Array(graph.values.length);
    for (const value of graph.values) if (value.weight && !starts.includes(value)) this.kinds[value.id] = CONSTANT;
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
      for (const output of node.outputs) if (output) this.kinds[output.id] = starts.includes(output) ? CONTENT : kind === SHAPE && isKnown(output) ? CONSTANT : kind;
    }
  }

  readonly isContent = (value: Value): boolean => this.kinds[value.id] === CONTENT;
  readonly isConstant = (value: Value): boolean => this.kinds[value.id] === CONSTANT;
}
