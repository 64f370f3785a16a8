/** Whether an engine that died is started again: a few times at once, then only by a person. Pure. */
import type { EngineMethod } from './methods.ts';

export interface Death {
  /** ms, of any one clock. */
  readonly at: number;
  /** What it was asked to do when it died; null where nothing was asked. */
  readonly doing: EngineMethod | null;
}

/** `attempt` counts from 1. */
export type Decision = { readonly kind: 'restart'; readonly attempt: number } | { readonly kind: 'give up' };

/** One more than the restarts that happen by themselves. */
export const MAX_DEATHS = 3;
/** Deaths further apart are unrelated: a large model may take a minute to load before it dies again. */
export const WINDOW_MS = 5 * 60_000;

export const withDeath = (deaths: readonly Death[], death: Death): readonly Death[] =>
  [...deaths.filter((earlier) => death.at - earlier.at < WINDOW_MS), death];

/** A success speaks for what it did and for deaths out of nothing: another prompt's death may still come again. */
export const withSuccess = (deaths: readonly Death[], method: EngineMethod): readonly Death[] =>
  deaths.filter((death) => death.doing !== null && death.doing !== 'open' && death.doing !== method);

export const decide = (deaths: readonly Death[]): Decision =>
  deaths.length < MAX_DEATHS ? { kind: 'restart', attempt: deaths.length } : { kind: 'give up' };
