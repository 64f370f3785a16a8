/** What an expectation came to, in a few words behind its line. Pure. */
import type { Verdict } from '../../shared/experiment/expect.ts';

const LONGEST = 80;

/** "✗ recovered expected at least 0.5, got 0.31": what the line does not say already; the hover has the rest. */
export function shortVerdict({ passed, text, expectation }: Pick<Verdict, 'passed' | 'text' | 'expectation'>): string {
  const about = expectation.kind === 'cell' ? `${expectation.address}: ` : '';
  const rest = text.startsWith(about) ? text.slice(about.length) : text;
  const [first = rest] = rest.split(';');
  // Between what was expected and what came, only the latter is new to a reader of the line.
  const got = /got .*/.exec(first)?.[0] ?? first.replace(/, expected .*/, '');
  return `${passed ? '✓' : '✗'} ${got.length > LONGEST ? `${got.slice(0, LONGEST)}…` : got}`;
}
