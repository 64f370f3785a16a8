/** How much each head attends to named places, on average over prompts. */
import { headAddress } from '../../../shared/addresses.ts';
import { attentionAt } from '../../analysis/roles/attention.ts';
import type { Glance } from '../../analysis/roles/attention.ts';
import type { Tower } from '../../anatomy/types.ts';
import type { ModelSession } from '../../session.ts';
import { inputsOf } from '../experiment/base.ts';
import type { TowerTokens } from '../prompt.ts';

/** What is looked at in one prompt, by name. */
export interface Look<Name extends string> {
  readonly tokens: TowerTokens;
  readonly at: Readonly<Partial<Record<Name, readonly Glance[]>>>;
}

/** Means by name and by head's address, over the prompts that have glances of the name. */
export type Looks<Name extends string> = (name: Name, address: string) => number;

/** One run a prompt. */
export async function lookAt<Name extends string>(session: ModelSession, tower: Tower, looks: readonly Look<Name>[], onPrompt: (done: number) => void, signal: AbortSignal): Promise<Looks<Name>> {
  const program = session.getProgram();
  const entries = session.addresses.filter((entry) => entry.tower === tower && entry.address.endsWith('.attn.hook_pattern'));
  const sums = new Map<string, { sum: number; count: number }>();
  for (const [index, { tokens, at }] of looks.entries()) {
    onPrompt(index);
    const { taps } = await program.run({ inputs: inputsOf(session, tokens), taps: entries.map(({ place }) => place.value), logits: 'none', signal });
    for (const entry of entries) {
      const tensor = taps.get(entry.place.value);
      if (!tensor) continue;
      const pattern = session.canonical(entry, tensor, tokens.get(tower.name)?.length ?? null);
      for (const [name, glances] of Object.entries<readonly Glance[] | undefined>(at)) {
        if (!glances || glances.length === 0) continue;
        attentionAt(pattern, glances).forEach((value, head) => {
          const key = `${name} ${headAddress(tower.name, entry.layer ?? 0, head)}`;
          const { sum, count } = sums.get(key) ?? { sum: 0, count: 0 };
          sums.set(key, { sum: sum + value, count: count + 1 });
        });
      }
    }
  }
  return (name, address) => {
    const { sum, count } = sums.get(`${name} ${address}`) ?? { sum: NaN, count: 1 };
    return sum / count;
  };
}
