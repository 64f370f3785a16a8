/** Numbers and names as people read them. Pure. */
import { count } from '../../shared/format.ts';
import type { Axis } from '../../shared/summary.ts';

/** Four significant digits, in as few characters as that takes. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e4 ? value.toPrecision(4) : value.toExponential(2);
}

/** "15.2 million". */
export function rough(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} billion`;
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} million` : count(value);
}

export const ms = (value: number): string => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);

export const shape = (axes: readonly Axis[]): string => `[${axes.map((axis) => axis ?? '?').join(', ')}]`;

/** "0", "0 to 5", "0 to 2, 5". */
export function ranges(numbers: readonly number[]): string {
  const parts: { readonly first: number; last: number }[] = [];
  for (const value of numbers) {
    const part = parts.at(-1);
    if (part && part.last === value - 1) part.last = value;
    else parts.push({ first: value, last: value });
  }
  return parts.map(({ first, last }) => (first === last ? String(first) : `${first} to ${last}`)).join(', ');
}
