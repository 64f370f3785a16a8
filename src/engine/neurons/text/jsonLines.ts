/** JSONL: a record a line, of which one key holds the text; or a string a line. */
import { CogscopeError } from '../../../shared/errors.ts';
import { textBlocks } from './decode.ts';
import { piecesOf } from './piece.ts';
import type { Pieces } from './piece.ts';

/** A line is read whole before it can be understood. */
const LONGEST = 1 << 26;

export async function* jsonLines(path: string, field: string, limit?: number): Pieces {
  let number = 0;
  for await (const line of lines(path, limit)) {
    number++;
    if (line.trim() !== '') yield* piecesOf(textOf(line, field, path, number), number);
  }
}

async function* lines(path: string, limit?: number): AsyncGenerator<string> {
  let kept = '';
  for await (const block of textBlocks(path, limit)) {
    const parts = (kept + block).split('\n');
    kept = parts.pop() ?? '';
    if (kept.length > LONGEST) throw new CogscopeError('refused', 'A line of the text is longer than 64 million characters', 'Cut it into several records', path);
    yield* parts;
  }
  if (kept !== '') yield kept;
}

function textOf(line: string, field: string, path: string, number: number): string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch (error) {
    throw new CogscopeError('unreadable', `Line ${number} of the text is no JSON`, 'Write one JSON value a line', path, String(error));
  }
  if (typeof record === 'string') return record;
  const keys = record !== null && typeof record === 'object' ? Object.keys(record) : [];
  const text: unknown = keys.includes(field) ? (record as Readonly<Record<string, unknown>>)[field] : undefined;
  if (typeof text === 'string') return text;
  if (text === null) return '';
  const named = keys.slice(0, 8).map((key) => `"${key}"`).join(', ');
  throw new CogscopeError('usage', `Line ${number} of the text has no string under the key "${field}"`, keys.length > 0 ? `Name one of its keys with --field: ${named}` : 'Write an object or a string a line', path);
}
