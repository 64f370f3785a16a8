/** Which class a module of a model is, by names alone: what is left where an exporter recorded no lines. Pure. */
import type { NamedModule } from '../../shared/sourceMap.ts';

export interface ClassPlace {
  /** Of its definition, from 0. */
  readonly line: number;
  readonly name: string;
}

/** An assignment may go on below its first line. */
const LINES_BELOW = 3;

const classPattern = /^\s*class\s+(\w+)/;

const lettersOf = (name: string): string => name.replaceAll('_', '').toLowerCase();

/**
 * The class that the attribute at the end of the path is made of (`self.attn = Attention(…)`, alone, in a tuple, a list or a dictionary), where the same
 * text defines it; else a class that is called like the attribute.
 */
export function classOf(lines: readonly string[], path: string): ClassPlace | undefined {
  const attribute = path.split('.').filter((name) => name !== '*' && !/^\d+$/.test(name)).at(-1);
  if (attribute === undefined || !/^\w+$/.test(attribute)) return undefined;
  const classes = new Map(lines.flatMap((text, line) => {
    const name = classPattern.exec(text)?.[1];
    return name === undefined ? [] : [[name, line] as const];
  }));
  const place = (name: string | undefined): ClassPlace | undefined => {
    const line = name === undefined ? undefined : classes.get(name);
    return name === undefined || line === undefined ? undefined : { line, name };
  };
  const assigned = new RegExp(`(?<![\\w.])(?:self\\.)?["']?${attribute}["']?\\s*[=:,](?!=)`);
  for (const [line, text] of lines.entries()) {
    if (!assigned.test(text)) continue;
    const made = valueOf([text, ...lines.slice(line + 1, line + 1 + LINES_BELOW)].join(' '), attribute);
    const found = place((made.match(/\w+/g) ?? []).find((name) => classes.has(name)));
    if (found) return found;
  }
  return place([...classes.keys()].find((name) => lettersOf(name) === lettersOf(attribute)));
}

/** What an attribute is given: of several that are assigned at once, its own. */
function valueOf(statement: string, attribute: string): string {
  const tuple = /^\s*((?:[\w.]+\s*,\s*)+[\w.]+)\s*=(?!=)(.*)$/.exec(statement);
  if (!tuple) return statement.slice(statement.search(new RegExp(`\\b${attribute}\\b`)) + attribute.length);
  const index = (tuple[1] ?? '').split(',').findIndex((target) => target.trim().replace(/^self\./, '') === attribute);
  return topLevel(tuple[2] ?? '')[index] ?? tuple[2] ?? '';
}

/** The parts between commas that stand in no bracket. */
function topLevel(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if ('([{'.includes(letter)) depth++;
    if (')]}'.includes(letter)) depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

/** How many of the modules a file has classes for; 0 where they are too few to tell it by. */
export function resolvedIn(lines: readonly string[], modules: readonly NamedModule[]): number {
  const paths = [...new Set(modules.map(({ path }) => path))];
  const resolved = paths.filter((path) => classOf(lines, path) !== undefined).length;
  return resolved >= Math.min(2, paths.length) ? resolved : 0;
}
