/** What the shell is told: the exit codes that scripts and CI rely on. */
import type { ErrorCode } from '../shared/errors.ts';

export const OK = 0;
/** A check or an expectation did not hold. */
export const EXPECTATION_FAILED = 1;

export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  unreadable: 3,
  changed: 3,
  refused: 4,
  untrusted: 4,
  'engine-died': 5,
  internal: 5,
  cancelled: 130,
};
