/** Figures as people read them: three significant digits, a real minus sign, English digits whatever the machine's language. */
const MINUS = '\u2212';
const SIGNIFICANT = 3;

/** 0.0123 → "0.0123", 15204 → "15200", 2.28e-7 → "2.28e−7"; NaN and infinities have a word of their own. Powers keep their zeros, and so one width. */
export function significant(value: number, digits = SIGNIFICANT): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? `${MINUS}∞` : '∞';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  const plain = magnitude >= 1e-3 && magnitude < 1e6;
  const text = plain ? String(Number(value.toPrecision(digits))) : value.toExponential(digits - 1).replace('e+', 'e');
  return text.replaceAll('-', MINUS);
}

/** A fixed number of decimals, for columns whose points should align: 0.5 → "0.500". What is rounded to nothing has no sign. */
export function fixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? value.toFixed(decimals).replace(/^-(?=[0.]*$)/, '').replace('-', MINUS) : significant(value);
}

/** Exact, with separators: 32000 → "32,000". */
export const count = (value: number): string => value.toLocaleString('en-US').replace('-', MINUS);

/** "1 layer", "6 layers". The plural is the word with an s unless it is given. */
export const counted = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

const scaled = (value: number, step: number, units: readonly string[]): string => {
  let rest = value;
  let unit = 0;
  // Rounding to three digits may reach the next unit: 999,999 is 1 M and not 1000 k.
  while (unit < units.length - 1 && Number(rest.toPrecision(SIGNIFICANT)) >= step) {
    rest /= step;
    unit++;
  }
  const digits = rest >= step ? String(Math.round(rest)) : significant(rest);
  return `${digits} ${units[unit] ?? ''}`.trimEnd();
};

/** 15204004 → "15.2 M", with the letters that papers use for parameters. */
export const compact = (value: number): string => scaled(value, 1000, ['', 'k', 'M', 'B', 'T']);

/** 61212007 → "61.2 MB", in powers of a thousand as file managers count. */
export const bytes = (value: number): string => scaled(value, 1000, ['bytes', 'kB', 'MB', 'GB', 'TB']);

/** "41.4 ms", "1.25 s", "3 min 5 s". */
export function duration(ms: number): string {
  if (ms < 999.5) return `${significant(ms)} ms`;
  if (ms < 59_950) return `${significant(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A share as a percentage: 0.1234 → "12.3%". Something that is not nothing is never "0%". */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return significant(share);
  if (share > 0 && share < 0.0005) return '<0.1%';
  return `${(share * 100).toFixed(1)}%`;
}

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "a", "a and b", "a, b and c". */
export function inWords(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** "0–3 and 5": numbers with their runs drawn together. */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return inWords(runs.map(([from, to]) => (from === to ? String(from) : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`)));
}

/** "layer 3", "layers 0–3" */
export const layersWords = (layers: readonly number[]): string => `${new Set(layers).size === 1 ? 'layer' : 'layers'} ${ranges(layers)}`;
