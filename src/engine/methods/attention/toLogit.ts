/** What stands between a vector in the stream and a token's logit, or the difference of two, in a finished run. */
import type { TokenSource } from '../../../shared/experiment/experiment.ts';
import type { LensToken } from '../../../shared/protocol/lensApi.ts';
import type { KeptRun } from '../../keptRuns.ts';
import type { ModelSession } from '../../session.ts';
import { directionsOf } from '../lens/directions.ts';
import { oneToken } from '../oneToken.ts';
import { endOfRun, scalesOfRun } from './end.ts';

export interface ToLogit {
  readonly target: LensToken;
  readonly distractor: LensToken | null;
  /** A vector's product with it is what the vector adds, before the final norm's scale. */
  readonly direction: Float64Array;
  /** [positions]: what the final norm divides by, frozen at this run's. */
  readonly scale: Float64Array;
}

/** Throws 'usage' where a token is none, 'refused' where a logit is no sum over what is written. */
export async function wayToLogit(session: ModelSession, run: KeptRun, asked: { readonly target: TokenSource; readonly distractor?: TokenSource | null | undefined }, signal: AbortSignal): Promise<ToLogit> {
  const end = await endOfRun(session, run, signal);
  const prompt = run.tokens.map(({ id }) => id);
  const token = (source: TokenSource, what: string): LensToken => {
    const { id, text } = oneToken(session, prompt, source, what);
    return { id, text };
  };
  const target = token(asked.target, 'target');
  const distractor = asked.distractor === undefined || asked.distractor === null ? null : token(asked.distractor, 'distractor');
  const directions = await directionsOf(session, end.tail, [target.id, ...(distractor ? [distractor.id] : [])], () => undefined, signal);
  const own = directions.of.get(target.id) ?? new Float64Array();
  const other = distractor ? directions.of.get(distractor.id) : undefined;
  const direction = own.map((value, at) => value - (other ? other[at] ?? NaN : 0));
  return { target, distractor, direction, scale: await scalesOfRun(session, end, directions, signal) };
}
