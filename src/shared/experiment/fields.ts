/** Reads a JSON object key by key. What is wrong is noted with its place, something harmless is given back, and reading goes on. */
import { nearest } from '../nearest.ts';
import { below, oneOf, quoted } from './problem.ts';
import type { Problem } from './problem.ts';

/** A value of a list: undefined where it was noted as a problem. */
export type ReadItem<T> = (value: unknown, pointer: string) => T | undefined;

export interface Bounds {
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

type Sink = Problem[];

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

export class Fields {
  readonly pointer: string;
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly problems: Sink;

  constructor(values: Readonly<Record<string, unknown>>, pointer: string, problems: Sink) {
    this.values = values;
    this.pointer = pointer;
    this.problems = problems;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.values, key);
  }

  get(key: string): unknown {
    return this.has(key) ? this.values[key] : undefined;
  }

  at(key: string): string {
    return below(this.pointer, key);
  }

  note(pointer: string, what: string, todo: string): void {
    this.problems.push({ pointer, what, todo });
  }

  /** Notes a value that is not what a key takes. */
  wrong(key: string, takes: string, todo = 'Change it'): void {
    this.note(this.at(key), `"${key}" takes ${takes}, not ${quoted(this.get(key))}`, todo);
  }

  missing(key: string, what: string, todo: string): void {
    this.note(this.pointer, `"${key}" is missing: ${what}`, todo);
  }

  /** Notes every key that is not among `known`; `why` may say more of one than that it is unknown. */
  only(known: readonly string[], why: (key: string) => string | undefined = () => undefined): void {
    for (const key of Object.keys(this.values).filter((one) => !known.includes(one))) {
      const reason = why(key);
      const close = nearest(key, known);
      this.problems.push({
        pointer: this.at(key),
        key: true,
        what: reason ?? `There is no key "${key}" here`,
        todo: reason !== undefined ? 'Take it out' : close === undefined ? `Take it out: the keys here are ${known.join(', ')}` : `Did you mean "${close}"? Correct it, or take it out`,
      });
    }
  }

  text(key: string, fallback: string): string {
    if (!this.has(key)) return fallback;
    const value = this.get(key);
    if (typeof value === 'string' && value !== '') return value;
    this.wrong(key, 'a text that is not empty', 'Put it in double quotes');
    return fallback;
  }

  flag(key: string, fallback: boolean): boolean {
    if (!this.has(key)) return fallback;
    const value = this.get(key);
    if (typeof value === 'boolean') return value;
    this.wrong(key, 'true or false', 'Write it without quotes');
    return fallback;
  }

  number(key: string, fallback: number, bounds: Bounds = {}): number {
    if (!this.has(key)) return fallback;
    const value = this.get(key);
    if (isNumber(value, bounds)) return value;
    this.wrong(key, numberIn(bounds), `Write for instance ${fallback}`);
    return fallback;
  }

  choice<T extends string>(key: string, names: readonly T[], fallback: T): T {
    if (!this.has(key)) return fallback;
    return chosen(this.get(key), this.at(key), { names, what: `"${key}"`, problems: this.problems }) ?? fallback;
  }

  /** A list; one that is empty is noted. */
  list<T>(key: string, fallback: readonly T[], takes: string, read: ReadItem<T>): readonly T[] {
    if (!this.has(key)) return fallback;
    const value = this.get(key);
    if (!Array.isArray(value)) {
      this.wrong(key, takes, 'Put at least one in square brackets');
      return fallback;
    }
    if (value.length === 0) this.note(this.at(key), `"${key}" is an empty list, and takes ${takes}`, 'Write at least one entry, or take it out');
    return value.flatMap((item: unknown, index) => read(item, below(this.at(key), index)) ?? []);
  }

  choices<T extends string>(key: string, names: readonly T[], fallback: readonly T[]): readonly T[] {
    const list = this.list(key, fallback, `a list of ${oneOf(names)}`, (value, pointer) => chosen(value, pointer, { names, what: `An entry of "${key}"`, problems: this.problems }));
    return [...new Set(list)];
  }

  child(key: string, takes: string): Fields | undefined {
    if (!this.has(key)) return undefined;
    const value = this.get(key);
    if (isObject(value)) return new Fields(value, this.at(key), this.problems);
    this.wrong(key, takes, 'Put it in curly brackets');
    return undefined;
  }
}

interface Choice<T extends string> {
  readonly names: readonly T[];
  readonly what: string;
  readonly problems: Sink;
}

function chosen<T extends string>(value: unknown, pointer: string, { names, what, problems }: Choice<T>): T | undefined {
  const known = names.find((name) => name === value);
  if (known !== undefined) return known;
  const close = typeof value === 'string' ? nearest(value, names) : undefined;
  problems.push({ pointer, what: `${what} takes ${oneOf(names)}, not ${quoted(value)}`, todo: close === undefined ? 'Choose one of them' : `Did you mean "${close}"? Write that instead` });
  return undefined;
}

export function isNumber(value: unknown, { least = -Infinity, most = Infinity, whole = false }: Bounds = {}): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isSafeInteger(value));
}

function numberIn({ least, most, whole = false }: Bounds): string {
  const range = least === undefined ? '' : most === undefined ? ` of ${least} or more` : ` from ${least} to ${most}`;
  return `a ${whole ? 'whole ' : ''}number${range}`;
}
