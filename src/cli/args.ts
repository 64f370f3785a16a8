/** Reads the words behind a command against its table of options. */
import { CogscopeError } from '../shared/errors.ts';
import { nearest } from '../shared/nearest.ts';

export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for the value in the help; null: a switch. */
  readonly value: string | null;
  readonly about: string;
  /** `again`: may be repeated. `list`: may be repeated and takes several values at once. */
  readonly many?: 'again' | 'list';
  /** Understood, but not in the help. */
  readonly hidden?: boolean;
}

export interface Occurrence {
  readonly name: string;
  readonly value: string;
}

export class Arguments {
  readonly positionals: readonly string[];
  /** Options in the order in which they were given; a switch has the value ''. */
  readonly occurrences: readonly Occurrence[];

  constructor(positionals: readonly string[], occurrences: readonly Occurrence[]) {
    this.positionals = positionals;
    this.occurrences = occurrences;
  }

  has(name: string): boolean {
    return this.occurrences.some((one) => one.name === name);
  }

  all(name: string): readonly string[] {
    return this.occurrences.filter((one) => one.name === name).map((one) => one.value);
  }

  one(name: string): string | undefined {
    return this.all(name)[0];
  }

  /** A whole number from `least` to `most`. Throws 'usage' for anything else. */
  whole(name: string, least: number, most: number): number | undefined {
    const text = this.one(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new CogscopeError('usage', `--${name} takes a whole number from ${least} to ${most}, not "${text}"`, `Write for instance --${name} ${Math.max(least, 4)}`);
    }
    return value;
  }
}

/** `-h` and `-V`, as most programs have them. */
const letters: Readonly<Record<string, string>> = { '-h': 'help', '-V': 'version' };

interface Word {
  readonly spec: OptionSpec;
  /** The value behind `=`. */
  readonly inline: string | undefined;
}

/**
 * Throws 'usage' for an option that is not in the table, a value that is missing or not wanted, and a repetition of what
 * may stand once. A list ends at the next option; before the first positional it takes one value, so that the model may follow.
 */
export function parseArguments(words: readonly string[], table: readonly OptionSpec[]): Arguments {
  const positionals: string[] = [];
  const occurrences: Occurrence[] = [];
  const isOption = (word: string | undefined): boolean => word !== undefined && word !== '-' && (word === '--' || readWord(word, table) !== undefined);
  for (let at = 0; at < words.length; at++) {
    const text = words[at] ?? '';
    if (text === '--') {
      positionals.push(...words.slice(at + 1));
      break;
    }
    const word = readWord(text, table);
    if (!word) {
      if (text.startsWith('-') && text !== '-') throw unknown(text, table);
      positionals.push(text);
      continue;
    }
    const { spec, inline } = word;
    if (!spec.many && occurrences.some((one) => one.name === spec.name)) throw new CogscopeError('usage', `--${spec.name} is given twice`, 'Leave one of them out');
    if (spec.value === null) {
      if (inline !== undefined) throw new CogscopeError('usage', `--${spec.name} takes no value`, `Write --${spec.name} alone`);
      occurrences.push({ name: spec.name, value: '' });
      continue;
    }
    const values = inline === undefined ? [] : [inline];
    const most = spec.many === 'list' && positionals.length > 0 ? Infinity : 1;
    while (values.length < most && at + 1 < words.length && !isOption(words[at + 1])) values.push(words[++at] ?? '');
    if (values.length === 0) throw new CogscopeError('usage', `--${spec.name} needs a value`, `Write --${spec.name} ${spec.value}`);
    occurrences.push(...values.map((value) => ({ name: spec.name, value })));
  }
  return new Arguments(positionals, occurrences);
}

function readWord(text: string, table: readonly OptionSpec[]): Word | undefined {
  const [, name, inline] = /^--([^=]+)(?:=([^]*))?$/.exec(text) ?? [];
  const spec = table.find((one) => one.name === (name ?? letters[text]));
  return spec && { spec, inline };
}

function unknown(text: string, table: readonly OptionSpec[]): CogscopeError {
  const close = nearest(text.replace(/^-+|=.*$/gs, ''), table.filter((spec) => !spec.hidden).map((spec) => spec.name));
  return new CogscopeError('usage', `There is no option "${text.replace(/=.*$/s, '')}"`, close === undefined ? 'See --help for the list' : `Did you mean --${close}? See --help for the list`);
}
