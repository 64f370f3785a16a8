/** What the overview keeps through a reload: where it was scrolled, what is folded, what was typed and what was checked. */
import type { Packed } from '../../../src/shared/rpc/frames.ts';
import { pack, unpack } from '../../../src/shared/rpc/pack.ts';
import type { CheckReport } from '../../../src/shared/summary.ts';

export interface Kept {
  readonly scroll: number;
  readonly filter: string;
  /** Sections that are folded, and rows that are open, by their ids. */
  readonly folded: readonly string[];
  readonly open: readonly string[];
  /** With the reading of the file that they were run on. */
  readonly checks: { readonly of: string; readonly report: CheckReport } | null;
}

/** As plain JSON: a difference may be NaN, which JSON has not. */
export const toState = (kept: Kept): Readonly<Record<string, unknown>> => ({ ...kept, checks: pack(kept.checks) });

/** The state of another version, or of none, gives what can be had of it. */
export function fromState(state: Readonly<Record<string, unknown>>): Kept {
  return {
    scroll: typeof state['scroll'] === 'number' ? state['scroll'] : 0,
    filter: typeof state['filter'] === 'string' ? state['filter'] : '',
    folded: texts(state['folded']),
    open: texts(state['open']),
    checks: checksOf(state['checks']),
  };
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((part) => typeof part === 'string') : []);

function checksOf(packed: unknown): Kept['checks'] {
  if (!isObject(packed) || !Array.isArray(packed['table'])) return null;
  const checks = unpack(packed as unknown as Packed);
  if (!isObject(checks) || typeof checks['of'] !== 'string' || !isObject(checks['report']) || !Array.isArray(checks['report']['checks'])) return null;
  return checks as unknown as Kept['checks'];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
