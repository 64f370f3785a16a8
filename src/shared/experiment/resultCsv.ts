/** A result as CSV: a line a cell. What has no value is empty. */
import type { ExperimentOutcome } from './result.ts';
import { cellsOf } from './strongest.ts';

export function resultCsv({ frame, ...values }: ExperimentOutcome): string {
  const pairs = frame.pairs.map((_, index) => `pair ${index + 1}`);
  const rows = cellsOf({ frame, values }).map(({ address, metric, recovered, effect, spread, unchanged, perPair }) =>
    [quoted(address), ...[metric, recovered, unchanged ? null : effect, spread].map(figure), String(unchanged), ...perPair.map(figure)]);
  return `${[['address', 'metric', 'recovered', 'effect', 'spread', 'unchanged', ...pairs], ...rows].map((row) => row.join(',')).join('\r\n')}\r\n`;
}

const figure = (value: number | null): string => (value === null || Number.isNaN(value) ? '' : String(value));
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
