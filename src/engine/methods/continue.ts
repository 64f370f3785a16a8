/** Greedy continuation of a prompt: the most probable token, again and again. */
import type { ContinuedRow, TokenInfo } from '../../shared/protocol/engineApi.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { CHECK_TOLERANCE, HALF_TOLERANCE, sameNumbers } from '../analysis/checks.ts';
import { topPredictions } from '../analysis/predictions.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import type { Tower } from '../anatomy/types.ts';
import { predictingTower } from '../program/chain.ts';
import { prepareInputs, towerOf } from '../program/inputs.ts';
import type { ModelSession } from '../session.ts';
import type { Feed } from './captureInputs.ts';
import { Continuation, lastRow } from './continuation.ts';
import { frozenShape, idsInputs, idsOf } from './prompt.ts';
import type { TowerTokens } from './prompt.ts';

export interface Continued {
  /** The prompt with what follows it. */
  readonly feed: Feed;
  readonly from: number;
  readonly way: ContinuedRow['way'];
  readonly reason: string | null;
  /** Logits that each new token was chosen from. */
  readonly logits: readonly Float32Array[];
}

interface Wanted {
  readonly tower: Tower;
  readonly count: number;
  readonly given: Readonly<Record<string, readonly number[]>>;
  readonly signal: AbortSignal;
}

/**
 * `count` more tokens behind each prompt. From past keys and values where the model takes any, else by running the whole text for each.
 * Throws 'usage' where they do not fit the context, 'refused' where the model cannot be continued.
 */
export async function continueFeeds(
  session: ModelSession, feeds: readonly Feed[], count: number, given: Wanted['given'], onToken: (feed: number, done: number) => void, signal: AbortSignal,
): Promise<readonly Continued[]> {
  const tower = predictingTower(session.anatomy);
  if (!tower) throw new CogscopeError('refused', 'The model has no output over a vocabulary, so no token can follow', 'Run it without --continue');
  const wanted = { tower, count, given, signal };
  for (const feed of feeds) checkFits(session, feed, wanted);
  const opened = await Continuation.open(session);
  const continued: Continued[] = [];
  try {
    for (const [index, feed] of feeds.entries()) continued.push(await continueFeed(session, opened, feed, wanted, (done) => onToken(index, done)));
  } finally {
    if (typeof opened !== 'string') await opened.release();
  }
  return continued;
}

const tokensIn = (feed: Feed, { name }: Tower): readonly TokenInfo[] => feed.rows[0]?.get(name) ?? [];

async function continueFeed(session: ModelSession, opened: Continuation | string, feed: Feed, { tower, count, given, signal }: Wanted, onToken: (done: number) => void): Promise<Continued> {
  const tokens = tokensIn(feed, tower);
  const [continuation, reason] = typeof opened === 'string' ? [null, opened] : [opened, null];
  const added: TokenInfo[] = [];
  const logits: Float32Array[] = [];
  const whole = (): TowerTokens => new Map(feed.rows[0]).set(tower.name, [...tokens, ...added]);
  const inputs = (): ReturnType<typeof prepareInputs>['tensors'] => prepareInputs(session.model, session.types, session.anatomy, idsOf(whole()), given, feed.given).tensors;
  while (added.length < count) {
    const length = tokens.length + added.length;
    const last = added.at(-1);
    const made = !continuation ? lastRow((await session.getProgram().run({ inputs: inputs(), logits: [length - 1], signal })).logits)
      : last ? await continuation.step(last.id, signal) : await continuation.start(inputs(), length, signal);
    const [best] = topPredictions(made, length - 1, 1, (id) => session.decode(id)).top;
    if (!best) throw new CogscopeError('refused', `The logits behind ${length} tokens hold NaN, so no token can follow`, 'Continue by fewer tokens');
    logits.push(made);
    added.push(tokenBehind(tokens, best.id, best.text));
    onToken(added.length);
  }
  return { feed: { ...feed, rows: [whole()] }, from: tokens.length, way: continuation ? 'past' : 'whole', reason, logits };
}

/** Offsets stay in the prompt, which a new token stands behind. */
function tokenBehind(prompt: readonly TokenInfo[], id: number, text: string): TokenInfo {
  const end = Math.max(0, ...prompt.map((token) => token.end));
  return { id, text, start: end, end, special: false, approximate: false };
}

function checkFits(session: ModelSession, feed: Feed, { tower, count, given }: Wanted): void {
  const { length } = tokensIn(feed, tower);
  if (feed.rows.length !== 1) throw new CogscopeError('usage', `A file of ${feed.rows.length} prompts cannot be continued`, 'Give one prompt at a time, or several with --prompt or --ids');
  const ids = idsInputs(session).find((one) => one.name === tower.name);
  if (ids && frozenShape(session, ids).length !== null) throw new CogscopeError('refused', 'The model takes prompts of one length only, so none can be continued', 'Export it with a dynamic length');
  if (tower.context !== null && length + count > tower.context) {
    throw new CogscopeError('usage', `${count} more tokens behind ${length} are more than the model’s context of ${tower.context} holds`, `Continue by ${Math.max(0, tower.context - length)} at most`);
  }
  const along = session.model.graph.inputs.find((input) => (feed.given.has(input.name) || given[input.name] !== undefined)
    && towerOf(input, session.anatomy) === tower.name && session.anatomy.roles.get(input) !== 'ids');
  if (along) throw new CogscopeError('usage', `Input "${along.name}" has values for the prompt and none for what follows it`, 'Leave it out: it is filled for every token');
}

/** What continuing from a past gave is held against a run of the whole text; they must agree, or it is refused. */
export function agreement(session: ModelSession, { from, way, logits }: Continued, whole: CanonicalArray | null): number | null {
  const vocab = whole?.shape.at(-1) ?? 0;
  if (way === 'whole' || !whole || vocab === 0) return null;
  const made = new Float32Array(logits.length * vocab);
  for (const [index, row] of logits.entries()) made.set(row, index * vocab);
  const start = (from - 1) * vocab;
  const check = sameNumbers('continued = whole', 'logits', made, whole.data.subarray(start, start + made.length), session.isHalf ? HALF_TOLERANCE : CHECK_TOLERANCE);
  if (check.ok) return check.maxAbs;
  throw new CogscopeError(
    'refused', `Continuing from past keys and values gives other logits than running the whole text (off by ${check.maxAbs.toPrecision(2)})`, 'Run the whole text instead', '',
    'The file itself may compute them so: a position or a mask that it makes from the length of what it is given');
}
