/** What comes before the first block: token and position embeddings. */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Origin } from './origin.ts';

/** A lookup `Gather(table, indices)` in a learnt table. */
export interface Lookup {
  readonly node: GraphNode;
  readonly output: Value;
  readonly indices: Value;
  readonly rows: number | null;
  readonly width: number | null;
}

export interface Positions {
  readonly value: Value;
  readonly rows: number | null;
  /** Whose first element is the row that the first position takes: what is looked up, or where the slice starts; null where that is the table's first. */
  readonly start: Value | null;
}

export interface Embedding {
  /** The lookup by token ids. */
  readonly tokens: Lookup | undefined;
  /** Learnt positions: a lookup, or a slice of a table added to the stream. */
  readonly positions: Positions | undefined;
  /** A lookup by token type (segment). */
  readonly types: Lookup | undefined;
  /** Lookups of which nothing is known. */
  readonly others: readonly Lookup[];
}

/** Reads the lookups that the first state is the sum of. */
export function readEmbedding(firstState: Value, graph: Graph, types: TypeTable, origin: Origin): Embedding {
  const lookups: Lookup[] = [];
  let slice: Positions | undefined;
  let fitted: Positions | undefined;
  const seen = new Set<Value>();
  const stack: Value[] = [firstState];
  for (let value = stack.pop(); value; value = stack.pop()) {
    const producer = value.producer;
    if (!producer || seen.has(value)) continue;
    seen.add(value);
    const lookup = readLookup(producer, types, origin);
    if (lookup) {
      lookups.push(lookup);
      continue;
    }
    const sliced = producer.op === 'Slice' && producer.inputs[0] && origin.isConstant(producer.inputs[0]) ? producer.inputs[0] : undefined;
    const rows = sliced && types.of(sliced).shape;
    if (rows && (rows.length === 2 || rows.length === 3) && !origin.isContent(value)) slice = { value, rows: asNumber(rows.at(-2)) ?? null, start: producer.inputs[1] ?? null };
    for (const input of producer.inputs) {
      if (input && !origin.isConstant(input)) stack.push(input);
      if (input && producer.op === 'Add' && !origin.isContent(input) && !origin.isConstant(input)) fitted ??= fittedTable(input, origin);
      // In a file of one fixed length, the slice itself was computed when it was exported.
      else if (input && producer.op === 'Add') slice ??= fixedPositions(input, types);
    }
  }
  const tokens = tokenLookup(lookups, graph, types);
  const others = lookups.filter((lookup) => lookup !== tokens);
  const segment = others.find((lookup) => lookup.rows !== null && lookup.rows <= 4);
  const rest = others.filter((lookup) => lookup !== segment);
  // Positions are mostly counted. Of several tables that inputs look up as they are, none can be told to be theirs.
  const position = rest.find((lookup) => !isPlain(lookup.indices, graph.inputs)) ?? (rest.length === 1 ? rest[0] : undefined);
  return {
    tokens,
    types: segment,
    positions: position ? { value: position.output, rows: position.rows, start: position.indices } : slice ?? fitted,
    others: rest.filter((lookup) => lookup !== position),
  };
}

/** A table that is fitted to the length, as an image's positions are where it may have any size. */
function fittedTable(value: Value, origin: Origin): Positions | undefined {
  const seen = new Set<Value>();
  const stack: Value[] = [value];
  for (let current = stack.pop(); current; current = stack.pop()) {
    if (seen.has(current)) continue;
    seen.add(current);
    if (current.producer?.op === 'Resize') return { value, rows: null, start: null };
    for (const input of current.producer?.inputs ?? []) if (input && !origin.isContent(input)) stack.push(input);
  }
  return undefined;
}

/** A constant with a row for each of several positions. */
function fixedPositions(value: Value, types: TypeTable): Positions | undefined {
  const shape = types.of(value).shape;
  const rows = shape && shape.length > 1 ? asNumber(shape.at(-2)) : undefined;
  return rows !== undefined && rows > 1 ? { value, rows, start: null } : undefined;
}

/**
 * Positions may be looked up by an input too. The token table is the one with as many rows as an output is wide; else the one that is
 * looked up by an input as it is, with the most rows.
 */
function tokenLookup(lookups: readonly Lookup[], { inputs, outputs }: Graph, types: TypeTable): Lookup | undefined {
  const widths = new Set(outputs.map((output) => asNumber(types.of(output).shape?.at(-1))));
  const rank = (lookup: Lookup): number => (lookup.rows !== null && widths.has(lookup.rows) ? 2 : 0) + (isPlain(lookup.indices, inputs) ? 1 : 0);
  const byInput = lookups.filter((lookup) => comesFromInput(lookup.indices, inputs));
  return [...byInput].sort((a, b) => rank(b) - rank(a) || (b.rows ?? 0) - (a.rows ?? 0))[0];
}

const reshaping: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

function isPlain(indices: Value, inputs: readonly Value[]): boolean {
  let current: Value | undefined = indices;
  while (current?.producer && reshaping.has(current.producer.op)) current = current.producer.inputs[0];
  return current !== undefined && inputs.includes(current);
}

const lookupOps: ReadonlySet<string> = new Set(['Gather', 'GatherND', 'GatherBlockQuantized']);

function readLookup(node: GraphNode, types: TypeTable, origin: Origin): Lookup | undefined {
  const [table, indices] = node.inputs;
  const output = node.outputs[0];
  // `table[ids]` and `table[ids, :]`.
  if (!lookupOps.has(node.op) || !table || !indices || !output || !origin.isConstant(table)) return undefined;
  const shape = types.of(table).shape;
  if (shape?.length !== 2) return undefined;
  return { node, output, indices, rows: asNumber(shape[0]) ?? null, width: asNumber(shape[1]) ?? null };
}

/** Whether integers of an input, perhaps cast or summed, are what is looked up. */
function comesFromInput(indices: Value, inputs: readonly Value[]): boolean {
  const seen = new Set<Value>();
  const stack = [indices];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (inputs.includes(value)) return true;
    for (const input of value.producer?.inputs ?? []) if (input) stack.push(input);
  }
  return false;
}
