/** A dimension as a product of a number and names: 12, batch, 2·seq. Undefined stands for unknown. */
export interface Dim {
  readonly coefficient: number;
  /** Sorted, with repetition: batch·seq is ['batch', 'seq']. */
  readonly symbols: readonly string[];
}

/** A product of more names is not followed: squaring doubles them. */
const MAX_SYMBOLS = 16;

const none: readonly string[] = [];

export const one: Dim = { coefficient: 1, symbols: none };

export const number = (coefficient: number): Dim => ({ coefficient, symbols: none });
export const symbol = (name: string): Dim => ({ coefficient: 1, symbols: [name] });

/** The number, where the dimension is one. */
export function asNumber(dim: Dim | undefined): number | undefined {
  return dim && dim.symbols.length === 0 ? dim.coefficient : undefined;
}

export function sameDim(a: Dim | undefined, b: Dim | undefined): boolean {
  return a !== undefined && b !== undefined && a.coefficient === b.coefficient
    && a.symbols.length === b.symbols.length && a.symbols.every((name, index) => name === b.symbols[index]);
}

export function times(a: Dim | undefined, b: Dim | undefined): Dim | undefined {
  if (asNumber(a) === 0 || asNumber(b) === 0) return number(0);
  if (!a || !b || a.symbols.length + b.symbols.length > MAX_SYMBOLS) return undefined;
  const symbols = b.symbols.length === 0 ? a.symbols : a.symbols.length === 0 ? b.symbols : [...a.symbols, ...b.symbols].sort();
  return { coefficient: a.coefficient * b.coefficient, symbols };
}

export function product(dims: readonly (Dim | undefined)[]): Dim | undefined {
  return dims.reduce<Dim | undefined>((left, right) => times(left, right), one);
}

/** a / b where it comes out whole; undefined otherwise. */
export function dividedBy(a: Dim | undefined, b: Dim | undefined): Dim | undefined {
  if (!a || !b || b.coefficient === 0 || a.coefficient % b.coefficient !== 0) return undefined;
  if (b.symbols.length === 0) return { coefficient: a.coefficient / b.coefficient, symbols: a.symbols };
  const symbols = [...a.symbols];
  for (const name of b.symbols) {
    const at = symbols.indexOf(name);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  return { coefficient: a.coefficient / b.coefficient, symbols };
}
