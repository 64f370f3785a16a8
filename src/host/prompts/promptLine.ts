/** The prompt that a line of a file holds: the line itself, or a text in a line of JSON. Pure. */
import { JsonText } from '../../experiments/jsonText.ts';

export interface PromptLine {
  readonly text: string;
  /** For each UTF-16 unit of the text its column in the line, and that of the end. */
  readonly columns: readonly number[];
}

/** Keys under which records hold a text, the likelier ones first. */
const KEYS = ['prompt', 'text', 'clean', 'input', 'question', 'content'] as const;

/** No prompt is longer; a line of a file of data may be. */
const LONGEST = 20_000;

/** Undefined for a line that holds no prompt. */
export function promptOf(line: string, isJson: boolean): PromptLine | undefined {
  if (line.length > LONGEST || line.trim() === '') return undefined;
  return isJson ? inJson(line) : { text: line, columns: Array.from({ length: line.length + 1 }, (_, column) => column) };
}

function inJson(line: string): PromptLine | undefined {
  const json = JsonText.parse(line);
  const { value } = json;
  if (json.broken.length > 0) return undefined;
  if (typeof value === 'string') return spelt(value, line, json.rangeOf('').offset);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const record = value as Readonly<Record<string, unknown>>;
  const key = KEYS.find((name) => typeof record[name] === 'string' && record[name] !== '');
  return key === undefined ? undefined : spelt(record[key] as string, line, json.rangeOf(`/${key}`).offset);
}

/** `at` is where the quotation mark before the text stands. */
function spelt(text: string, line: string, at: number): PromptLine {
  const columns: number[] = [];
  let column = at + 1;
  for (let unit = 0; unit < text.length; unit++) {
    columns.push(column);
    column += line[column] !== '\\' ? 1 : line[column + 1] === 'u' ? 6 : 2;
  }
  return { text, columns: [...columns, column] };
}

/** Which unit of the text stands at a column of the line; undefined beside the text. */
export function unitAt({ columns }: PromptLine, column: number): number | undefined {
  const after = columns.findIndex((start) => start > column);
  return after <= 0 ? undefined : after - 1;
}

/** Text files that hold something else, by the names that tools give them. */
const notPrompts = /^(requirements|constraints|cmakelists|licen[cs]e|copying|notice|vocab|merges|robots|security|version|changelog|changes|authors)[\w.-]*\.txt$/i;

export const mayHoldPrompts = (name: string): boolean => /\.(txt|jsonl)$/i.test(name) && !notPrompts.test(name);

export const isJsonLines = (name: string): boolean => /\.jsonl$/i.test(name);
