/** A JSON text with the place of everything in it, however broken it is. */
import { findNodeAtLocation, getLocation, getNodeValue, parseTree } from 'jsonc-parser';
import type { Node, ParseError, ParseErrorCode } from 'jsonc-parser';
import type { Problem } from '../shared/experiment/problem.ts';
import { below, stepsOf } from '../shared/experiment/problem.ts';

/** Half-open, in UTF-16 units of the text. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Both from 1, as editors and compilers print them. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** What lies at an offset. */
export interface TextPlace {
  /** Keys and indices from the root. */
  readonly steps: readonly string[];
  readonly isKey: boolean;
  /** The text or number there; null where there is none yet. */
  readonly range: Range | null;
}

export interface PlacedIn {
  readonly problem: Problem;
  readonly range: Range;
}

/** Deeper than any file of ours; each level takes a frame of the stack. */
const DEEPEST = 200;

export class JsonText {
  readonly text: string;
  /** What is wrong with the text as JSON. Where there is anything, the value is not to be relied on. */
  readonly broken: readonly PlacedIn[];
  private readonly root: Node | undefined;

  private constructor(text: string, root: Node | undefined, broken: readonly PlacedIn[]) {
    this.text = text;
    this.root = root;
    this.broken = broken;
  }

  static parse(text: string): JsonText {
    if (isTooDeep(text)) return new JsonText(text, undefined, [{ problem: problem('The JSON is nested too deeply', 'An experiment needs five levels'), range: { offset: 0, length: text.length } }]);
    const errors: ParseError[] = [];
    // A byte order mark is no part of the text; a space in its place keeps the places right.
    const root = parseTree(text.replace(/^\ufeff/, ' '), errors, { disallowComments: true });
    const first = errors.slice(0, 1).map(({ error, offset, length }) => ({ problem: problem(...describe(error, text)), range: placeOf(text, offset, length) }));
    return new JsonText(text, root, first.length > 0 ? first : root === undefined ? [] : twice(root, ''));
  }

  get value(): unknown {
    return this.root === undefined ? undefined : getNodeValue(this.root) as unknown;
  }

  /** Where the value at a JSON pointer stands, or its key; of what is not there, the nearest thing around it. */
  rangeOf(pointer: string, key = false): Range {
    const steps = stepsOf(pointer);
    for (let count = steps.length; count >= 0; count--) {
      const node = this.find(steps.slice(0, count));
      if (node === undefined) continue;
      const property = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
      // Of a missing key, the whole object would be marked: its first character says as much.
      if (count === 0 && node.type === 'object') return { offset: node.offset, length: 1 };
      return key && count === steps.length && property !== undefined ? rangeOf(property) : rangeOf(node);
    }
    return { offset: 0, length: Math.min(1, this.text.length) };
  }

  placeOf(offset: number): LineColumn {
    const before = this.text.slice(0, offset);
    const start = before.lastIndexOf('\n') + 1;
    return { line: before.split('\n').length, column: offset - start + 1 };
  }

  /** What an offset lies in, or where a value would stand there. */
  placeAt(offset: number): TextPlace {
    const { path, isAtPropertyKey, previousNode } = getLocation(this.text, offset);
    const holds = previousNode !== undefined && previousNode.offset <= offset && offset <= previousNode.offset + previousNode.length;
    return { steps: path.map(String), isKey: isAtPropertyKey, range: holds ? rangeOf(previousNode) : null };
  }

  /** Where the entries of the list or object at a pointer stand: each one's name, or its index. */
  entriesOf(pointer: string): readonly string[] {
    const node = this.find(stepsOf(pointer));
    return (node?.children ?? []).map((child, index) => (node?.type === 'object' ? String(child.children?.[0]?.value) : String(index)));
  }

  private find(steps: readonly string[]): Node | undefined {
    if (this.root === undefined) return undefined;
    let node: Node | undefined = this.root;
    for (const step of steps) node = node && findNodeAtLocation(node, [node.type === 'array' ? Number(step) : step]);
    return node;
  }
}

const rangeOf = ({ offset, length }: Node): Range => ({ offset, length });
const problem = (what: string, todo: string): Problem => ({ pointer: '', what, todo });

/** The end of a text that stops too early is behind its last character, where nothing can be marked. */
function placeOf(text: string, offset: number, length: number): Range {
  const end = text.trimEnd().length;
  return offset >= end && end > 0 ? { offset: end - 1, length: 1 } : { offset, length: Math.max(1, length) };
}

/** Brackets outside of quotes, deeper than allowed. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** Keys that stand twice in one object: JSON takes the last of them without a word. */
function twice(node: Node, pointer: string): readonly PlacedIn[] {
  const children = node.children ?? [];
  if (node.type === 'array') return children.flatMap((child, index) => twice(child, below(pointer, index)));
  if (node.type !== 'object') return [];
  const seen = new Set<string>();
  return children.flatMap(({ children: [name, value] = [] }) => {
    if (name === undefined) return [];
    const key = String(name.value);
    const at = below(pointer, key);
    const again: readonly PlacedIn[] = seen.has(key) ? [{ problem: { pointer: at, key: true, what: `"${key}" stands here twice`, todo: 'Leave one of them out' }, range: rangeOf(name) }] : [];
    seen.add(key);
    return [...again, ...(value === undefined ? [] : twice(value, at))];
  });
}

/** By the parser's codes, which are a type alone: its object of them is none at run time. */
const sentences: Readonly<Record<ParseErrorCode, readonly [what: string, todo: string]>> = {
  1: ['There is a word here that JSON does not have', 'Put texts in double quotes'],
  2: ['There is a number here that is none', 'Correct it'],
  3: ['A key is missing here', 'Write it in double quotes, and no comma after the last one'],
  4: ['A value is missing here', 'Add it, and leave no comma after the last one'],
  5: ['A colon is missing here', 'Write a colon behind each key'],
  6: ['A comma is missing here', 'Write a comma between two entries'],
  7: ['A curly bracket is not closed', 'Close it with }'],
  8: ['A square bracket is not closed', 'Close it with ]'],
  9: ['The text goes on behind its end', 'Take away what is too much'],
  10: ['There is a comment here, which JSON does not have', 'Take it out'],
  11: ['A comment does not end', 'Take it out'],
  12: ['A text does not end in its line', 'Close it with a double quote, and write \\n for a line end in it'],
  13: ['A number stops too early', 'Complete it'],
  14: ['\\u needs four hexadecimal digits behind it', 'Correct it'],
  15: ['There is no such escape behind a backslash', 'Write \\\\ for a backslash'],
  16: ['A text holds a character that must be escaped', 'Write \\t for a tab and \\n for a line end'],
};

function describe(code: ParseErrorCode, text: string): readonly [what: string, todo: string] {
  return text.trim() === '' ? ['The file is empty', 'Write an experiment into it'] : sentences[code];
}
