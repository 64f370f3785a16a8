/** A single token that somebody names, as the target of a question. */
import { CogscopeError } from '../../shared/errors.ts';
import type { PromptSource, TokenSource } from '../../shared/experiment/experiment.ts';
import type { TokenInfo } from '../../shared/protocol/engineApi.ts';
import { predictingTower } from '../program/chain.ts';
import type { ModelSession } from '../session.ts';
import { idToken } from './prompt.ts';

/** A token as it would follow the prompt; else as it is alone. Throws 'usage' where it is several, and where the model's logits have no such token. */
export function oneToken(session: ModelSession, prompt: PromptSource, source: TokenSource, what: string): TokenInfo {
  const token = typeof source === 'number' ? idToken(session, source) : spelt(session, prompt, source, what);
  const vocab = predictingTower(session.anatomy)?.vocab ?? null;
  if (!Number.isSafeInteger(token.id) || token.id < 0 || (vocab !== null && token.id >= vocab)) {
    throw new CogscopeError('usage', `The ${what} ${token.id} is outside the vocabulary${vocab === null ? '' : ` of ${vocab}`}`, 'Use an id of this model’s own tokenizer');
  }
  return token;
}

function spelt(session: ModelSession, prompt: PromptSource, source: string, what: string): TokenInfo {
  const { tokenizer } = session;
  if ('missing' in tokenizer) throw new CogscopeError('usage', tokenizer.missing, `Give the ${what} as a token id`);
  const encode = (text: string): readonly TokenInfo[] => tokenizer.encode(text, { special: false });
  const alone = encode(source);
  if (typeof prompt === 'string') {
    const before = encode(prompt);
    const together = encode(`${prompt}${source}`);
    const following = together.slice(before.length);
    if (following.length === 1 && following[0] && before.every((token, index) => token.id === together[index]?.id)) return following[0];
  }
  if (alone.length === 1 && alone[0]) return alone[0];
  throw new CogscopeError('usage', `The ${what} ${JSON.stringify(source)} is ${alone.length} tokens (${alone.map((token) => JSON.stringify(token.text)).join(' ')})`, 'Give one token as it would follow the prompt, with its space in front, or a token id');
}
