/** How much each head attends to named places, on average over prompts. */
import { headAddress } from '../../../shared/addresses.ts';
import type { CanonicalArray } from '../../anatomy/canonical.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { Detection } from '../../analysis/scores/detections.ts';
import { scoreHeads } from '../../analysis/scores/score.ts';
import type { ModelSession } from '../../session.ts';
import { inputsOf } from '../experiment/base.ts';
import { ownPatterns, patternOf } from '../patterns.ts';
import type { TowerTokens } from '../prompt.ts';

/** What is looked at, by name. */
export type LookedAt<Name extends string> = Readonly<Partial<Record<Name, Detection | undefined>>>;

/** One prompt. */
export interface Look<Name extends string> {
  readonly tokens: TowerTokens;
  readonly at: LookedAt<Name>;
}

/** Means by name and head, over the prompts that have something of the name. */
export class Looks<Name extends string> {
  private readonly sums = new Map<string, { sum: number; count: number }>();

  /** NaN where nothing was looked at. */
  of(name: Name, address: string): number {
    const { sum, count } = this.sums.get(`${name} ${address}`) ?? { sum: NaN, count: 1 };
    return sum / count;
  }

  add(entry: AddressEntry, pattern: CanonicalArray, at: LookedAt<Name>): void {
    for (const [name, detection] of Object.entries<Detection | undefined>(at)) {
      if (!detection || detection.cells.length === 0) continue;
      scoreHeads(pattern, 0, [detection], { measure: 'rows', excludeBos: false, excludeCurrentToken: false }).forEach((score, head) => {
        const key = `${name} ${headAddress(entry.tower.name, entry.layer ?? 0, head)}`;
        const { sum, count } = this.sums.get(key) ?? { sum: 0, count: 0 };
        this.sums.set(key, { sum: sum + score, count: count + 1 });
      });
    }
  }
}

/** One run a prompt. */
export async function lookAt<Name extends string>(session: ModelSession, looks: readonly Look<Name>[], onPrompt: (done: number) => void, signal: AbortSignal): Promise<Looks<Name>> {
  const entries = ownPatterns(session);
  const found = new Looks<Name>();
  for (const [index, { tokens, at }] of looks.entries()) {
    onPrompt(index);
    const { taps } = await session.getProgram().run({ inputs: inputsOf(session, tokens), taps: entries.map(({ place }) => place.value), logits: 'none', signal });
    for (const entry of entries) {
      const tensor = taps.get(entry.place.value);
      const pattern = tensor && patternOf(session, entry, tensor, tokens);
      if (pattern) found.add(entry, pattern, at);
    }
  }
  return found;
}
