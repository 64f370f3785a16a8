/** Small checkers for what webviews send: a value is what it is said to be, or the call is refused. Pure. */
import { CogscopeError } from '../../shared/errors.ts';

/** Returns the value, checked and without anything that was not asked for. `at` says where it stands, for the error. */
export type Check<T> = (value: unknown, at: string) => T;

type Fields = Readonly<Record<string, unknown>>;

function fail(at: string, wanted: string): never {
  throw new CogscopeError('internal', `A panel sent something else than ${wanted} as ${at}`, 'Close the panel and open it again');
}

export const text = (longest: number): Check<string> => (value, at) =>
  typeof value === 'string' && value.length <= longest ? value : fail(at, `a text of at most ${longest} characters`);

export const whole = (least: number, most: number): Check<number> => (value, at) =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most ? (value as number) : fail(at, `a whole number from ${least} to ${most}`);

/** Any number, NaN and infinities too. */
export const number: Check<number> = (value, at) => (typeof value === 'number' ? value : fail(at, 'a number'));

export const flag: Check<boolean> = (value, at) => (typeof value === 'boolean' ? value : fail(at, 'true or false'));

export const oneOf = <const T extends string>(allowed: readonly T[]): Check<T> => (value, at) =>
  allowed.find((one) => one === value) ?? fail(at, `one of ${allowed.join(', ')}`);

export const orNull = <T>(check: Check<T>): Check<T | null> => (value, at) => (value === null ? null : check(value, at));

/** One of two forms, told apart by what `typeof` says of the first. */
export const orElse = <T, A extends T>(first: Check<A>, type: 'string' | 'number', second: Check<Exclude<T, A>>): Check<T> => (value, at) =>
  typeof value === type ? first(value, at) : second(value, at);

export const list = <T>(check: Check<T>, longest: number): Check<readonly T[]> => (value, at) =>
  Array.isArray(value) && value.length <= longest ? value.map((item, index) => check(item, `${at}[${index}]`)) : fail(at, `a list of at most ${longest}`);

/** Numbers as they travel, packed. */
export const floats = (longest: number): Check<Float32Array> => (value, at) =>
  value instanceof Float32Array && value.length <= longest ? value : fail(at, `at most ${longest} numbers`);

const fieldsOf = (value: unknown, at: string): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : fail(at, 'an object');

/** A table with any names. */
export const table = <T>(check: Check<T>, longest: number): Check<Readonly<Record<string, T>>> => (value, at) => {
  const entries = Object.entries(fieldsOf(value, at));
  if (entries.length > longest) fail(at, `a table of at most ${longest} entries`);
  return Object.fromEntries(entries.map(([name, item]) => [name, check(item, `${at}.${name}`)]));
};

export const object = <T extends object>(checks: { readonly [K in keyof T]: Check<T[K]> }): Check<T> => (value, at) => {
  const fields = fieldsOf(value, at);
  return Object.fromEntries(Object.entries<Check<unknown>>(checks).map(([name, check]) => [name, check(fields[name], `${at}.${name}`)])) as T;
};

/** An object that has further fields or not; those that are not there stay away. */
export const withOptional = <T extends object, O extends object>(base: Check<T>, optional: { readonly [K in keyof O]: Check<O[K]> }): Check<T & Partial<O>> => (value, at) => {
  const fields = fieldsOf(value, at);
  const given = Object.entries<Check<unknown>>(optional).filter(([name]) => fields[name] !== undefined);
  return { ...base(value, at), ...(Object.fromEntries(given.map(([name, check]) => [name, check(fields[name], `${at}.${name}`)])) as Partial<O>) };
};

/** One of several shapes, told apart by the field `kind`. */
export const union = <T extends { readonly kind: string }>(checks: { readonly [K in T['kind']]: Check<Extract<T, { readonly kind: K }>> }): Check<T> => (value, at) => {
  const { kind } = fieldsOf(value, at);
  if (typeof kind !== 'string' || !Object.hasOwn(checks, kind)) fail(`${at}.kind`, `one of ${Object.keys(checks).join(', ')}`);
  return checks[kind as T['kind']](value, at);
};
