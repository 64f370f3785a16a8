/** Two things measured in turns, so that what else the machine does meets both. */
import { rest } from './engine.ts';

/** Between two runs, so that threads of the one before no longer spin. */
const REST_MS = 60;

/** Calls both `count` times after warming up, changing who goes first; milliseconds that each says it took, pair by pair. */
export async function inTurns(count: number, plain: () => Promise<number>, ours: () => Promise<number>): Promise<readonly (readonly [plain: number, ours: number])[]> {
  for (let warm = 0; warm < 2; warm++) {
    await plain();
    await ours();
  }
  const pairs: (readonly [number, number])[] = [];
  for (let pair = 0; pair < count; pair++) {
    await rest(REST_MS);
    const before = pair % 2 === 0 ? await plain() : await ours();
    await rest(REST_MS);
    pairs.push(pair % 2 === 0 ? [before, await ours()] : [await plain(), before]);
  }
  return pairs;
}
