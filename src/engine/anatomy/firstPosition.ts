/**
 * The row of a position table that a prompt's first token takes. Some models leave rows at the table's start unused: counting begins
 * behind the padding token's id (RoBERTa), or a fixed number is added (BART, OPT).
 */
import type { InputRole } from '../../shared/summary.ts';
import { intAttribute, intsAttribute } from '../onnx/attributes.ts';
import type { GraphNode, Value, Weight } from '../onnx/graph.ts';
import { integersOf } from '../onnx/infer/content.ts';
import { asNumber, number } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { weightBytes } from '../onnx/weights.ts';
import { isSmall } from './smallWeight.ts';
import { unalias } from './walk.ts';

/** Bytes of an int64. */
const LONGEST = 8;

/** The first element of a table of integers in the file. */
export function firstInteger(model: OnnxModel, weight: Weight): number | undefined {
  return isSmall(model, weight) ? asNumber(integersOf(weightBytes(model, weight).subarray(0, LONGEST), weight.dataType)?.[0]) : undefined;
}

export interface PositionContext {
  readonly types: TypeTable;
  readonly roles: ReadonlyMap<Value, InputRole>;
  readonly firstInteger: (weight: Weight) => number | undefined;
}

/** The longest way that is followed: a hostile graph could make it as long as it likes. */
const MAX_STEPS = 64;

/** The first element of what positions are looked up by, for a prompt without padding; undefined where that is not followed. */
export function firstPosition(indices: Value, context: PositionContext): number | undefined {
  const known = new Map<Value, number | undefined>();
  const first = (value: Value | undefined, steps: number): number | undefined => {
    if (!value || steps > MAX_STEPS) return undefined;
    if (!known.has(value)) known.set(value, firstOf(value, context, (input) => first(input, steps + 1)));
    return known.get(value);
  };
  return first(indices, 0);
}

function firstOf(value: Value, context: PositionContext, first: (input: Value | undefined) => number | undefined): number | undefined {
  const { producer, weight } = value;
  const content = context.types.of(value).content?.[0];
  if (content) return asNumber(content);
  if (weight) return context.firstInteger(weight);
  if (producer) return rules.get(producer.op)?.(producer, (index) => first(producer.inputs[index]), context);
  return firstOfRole.get(context.roles.get(value) ?? 'unknown');
}

/** As inputs are filled. */
const firstOfRole: ReadonlyMap<InputRole, number> = new Map([['positions', 0], ['mask', 1]]);

type Rule = (node: GraphNode, first: (input: number) => number | undefined, context: PositionContext) => number | undefined;

const handedOn: Rule = (_, first) => first(0);

const combined = (operation: (a: number, b: number) => number): Rule => (_, first) => {
  const [a, b] = [first(0), first(1)];
  return a === undefined || b === undefined ? undefined : operation(a, b);
};

/** A token is compared with the one for padding, which it is not. */
const equal: Rule = (node, first, context) =>
  (node.inputs.some((input) => input && context.roles.get(unalias(input)) === 'ids') ? 0 : combined((a, b) => Number(a === b))(node, first, context));

const not: Rule = (_, first) => {
  const given = first(0);
  return given === undefined ? undefined : Number(given === 0);
};

/** A table is read from its start. */
const slice: Rule = (node, first, { types }) => {
  const starts = node.inputs[1] ? types.of(node.inputs[1]).content : intsAttribute(node, 'starts')?.map(number);
  return starts?.every((start) => asNumber(start) === 0) ? first(0) : undefined;
};

const where: Rule = (_, first) => {
  const condition = first(0);
  return condition === undefined ? undefined : first(condition === 1 ? 1 : 2);
};

const cumulated: Rule = (node, first) => {
  if (intAttribute(node, 'reverse') === 1) return undefined;
  return intAttribute(node, 'exclusive') === 1 ? 0 : first(0);
};

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...['Cast', 'Identity', 'Unsqueeze', 'Squeeze', 'Reshape', 'Flatten', 'Expand', 'Tile', 'Range'].map((op): readonly [string, Rule] => [op, handedOn]),
  ['Add', combined((a, b) => a + b)],
  ['Sub', combined((a, b) => a - b)],
  ['Mul', combined((a, b) => a * b)],
  ['Not', not], ['CumSum', cumulated], ['Equal', equal], ['Slice', slice], ['Where', where],
]);
