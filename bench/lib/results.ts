/** What a measurement says: a figure, what it may be at most, and how it came about. */
export interface Result {
  /** Stable: what a later run is compared by. */
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: 'x' | 'ms' | 'kB' | 'MB' | '%';
  /** Absent: a figure that is told, not held to anything. */
  readonly limit?: number;
  /** Figures behind the value: medians, counts. */
  readonly note: string;
}

export const isHeld = ({ value, limit }: Result): boolean => limit === undefined || value <= limit;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] ?? NaN : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

export const kB = 1e3;
export const MB = 1e6;

export function show(value: number, unit: Result['unit']): string {
  switch (unit) {
    case 'x': return `${value.toFixed(2)} x`;
    case '%': return `${value.toFixed(0)} %`;
    case 'ms': return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
    case 'kB': return `${value.toFixed(0)} kB`;
    case 'MB': return `${value.toFixed(0)} MB`;
    default: return unit satisfies never;
  }
}

/** A Markdown table, aligned so that it reads in a terminal as well. */
export function table(results: readonly Result[]): string {
  const rows = [
    ['', 'measured', 'at most', 'behind it'],
    ...results.map((result) => [
      result.what, `${show(result.value, result.unit)}${isHeld(result) ? '' : ' (missed)'}`, result.limit === undefined ? '' : show(result.limit, result.unit), result.note,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join('\n');
}
