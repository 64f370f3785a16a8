/** Which of a set of prompts are averaged: those with the most frequent count of tokens; and what stands at each of their positions. */
import { CogscopeError } from '../../shared/errors.ts';
import { counted } from '../../shared/format.ts';
import type { AverageParams, LeftOut } from '../../shared/protocol/averageApi.ts';
import type { TokenInfo } from '../../shared/protocol/engineApi.ts';
import type { ModelSession } from '../session.ts';
import { otherPrompts } from './captureInputs.ts';
import { towerTokens } from './prompt.ts';
import type { TowerTokens } from './prompt.ts';

export interface AverageTexts {
  readonly texts: readonly TowerTokens[];
  readonly leftOut: readonly LeftOut[];
}

/** Throws 'usage' where none can be run, and what is no prompt's fault. */
export function averageTexts(session: ModelSession, { prompts, others = {} }: AverageParams): AverageTexts {
  if (prompts.length === 0) throw new CogscopeError('usage', 'There is no prompt in the set', 'Give at least one');
  const leftOut: LeftOut[] = [];
  const read = prompts.flatMap((prompt, index) => {
    try {
      const tokens = towerTokens(session, prompt, otherPrompts(others, index, prompts.length));
      return [{ index, tokens, lengths: [...tokens.values()].map(({ length }) => length) }];
    } catch (error) {
      if (!(error instanceof CogscopeError) || error.data.code !== 'usage') throw error;
      leftOut.push({ index, reason: error.data.what });
      return [];
    }
  });
  const counts = new Map<string, number>();
  for (const { lengths } of read) counts.set(lengths.join(), (counts.get(lengths.join()) ?? 0) + 1);
  // Of lengths that are equally frequent, the one that comes first.
  const most = Math.max(...counts.values());
  const chosen = read.find(({ lengths }) => counts.get(lengths.join()) === most);
  if (!chosen) throw new CogscopeError('usage', `None of the ${counted(prompts.length, 'prompt')} can be run: ${leftOut[0]?.reason ?? ''}`, 'Change the set');
  const isTaken = ({ lengths }: typeof chosen): boolean => lengths.join() === chosen.lengths.join();
  for (const other of read) if (!isTaken(other)) leftOut.push({ index: other.index, reason: `${lengthWords(other.lengths)}, not ${lengthWords(chosen.lengths, false)}` });
  return { texts: read.filter(isTaken).map(({ tokens }) => tokens), leftOut: leftOut.sort((a, b) => a.index - b.index) };
}

/** "14 tokens"; of two prompts "14 and 3 tokens". */
function lengthWords(lengths: readonly number[], named = true): string {
  const numbers = lengths.join(' and ');
  return named ? `${numbers} ${lengths.length === 1 && lengths[0] === 1 ? 'token' : 'tokens'}` : numbers;
}

/** Tokens that are named at a position that has several. */
const NAMED = 2;

/** What stands at each position of a tower: the token that all prompts have there, or the most frequent ones in one label. No two positions with several tokens are alike. */
export function commonTokens(texts: readonly TowerTokens[], tower: string): readonly TokenInfo[] {
  const first = texts[0]?.get(tower) ?? [];
  return first.map((token, at) => {
    const seen = new Map<number, { readonly text: string; times: number }>();
    for (const text of texts) {
      const one = text.get(tower)?.[at];
      if (!one) continue;
      const entry = seen.get(one.id) ?? { text: one.text, times: 0 };
      entry.times++;
      seen.set(one.id, entry);
    }
    if (seen.size === 1) return { ...token, start: 0, end: 0 };
    const often = [...seen.values()].sort((a, b) => b.times - a.times).slice(0, NAMED).map(({ text }) => text);
    return { id: -1 - at, text: `${often.join('/')}${seen.size > NAMED ? '/…' : ''}`, start: 0, end: 0, special: false, approximate: false };
  });
}
