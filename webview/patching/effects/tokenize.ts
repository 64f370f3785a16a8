/** Shows prompts, target and distractor as the model sees them, a moment after the last key. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { TowerName } from '../../../src/shared/experiment/experiment.ts';
import type { Prompt, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import type { PatchingPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { parseIds } from '../../lib/text/ids.ts';
import type { PairForm } from '../model/form.ts';
import { canRun, furtherPredicting, furtherTowers, pairOf } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';
import { untyped } from '../model/state.ts';
import type { State, Typed, TypedPair, TypedPrompts } from '../model/state.ts';
import { plainToken } from '../../../src/shared/visible.ts';

/** Milliseconds of rest before the engine is asked. */
const REST = 120;

type Tokenize = (prompt: Prompt, tower?: TowerName) => Promise<readonly TokenInfo[]>;

export function tokenizeWhileTyping(host: Host<PatchingPanelApi>, store: PanelStore): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: AbortController | undefined;

  const ask = async (): Promise<void> => {
    abort?.abort();
    abort = new AbortController();
    const { signal } = abort;
    const tokenize: Tokenize = async (prompt, tower) => (await host.call('tokenize', { prompt, ...(tower === undefined ? {} : { tower }) }, { signal })).tokens;
    const { state } = store;
    const pair = pairOf(state);
    const prompt = (text: string): Promise<Typed | null> => typedOf(text, () => tokenize(promptOf(text, pair.ids, state.form.special)));
    const followed = followedPrompt(state);
    const token = (what: string, text: string): Promise<Typed | null> => typedOf(text, () => oneToken(tokenize, { ...followed, tokenIds: pair.tokenIds }, what, text));
    const further = (name: TowerName): Promise<readonly [TowerName, TypedPrompts]> => typedFurther(state, name, tokenize);
    const [clean, corrupted, target, distractor, towers] = await Promise.all([
      prompt(pair.clean), prompt(pair.corrupted), token('target', pair.target), token('distractor', pair.distractor), Promise.all(furtherTowers(state).map(further)),
    ]);
    const typed: TypedPair = { of: { pair, special: state.form.special }, clean, corrupted, further: Object.fromEntries(towers), target, distractor };
    if (!signal.aborted) store.dispatch({ kind: 'typed', typed });
  };

  store.listen((state, previous) => {
    const isLost = state.typed === untyped && previous.typed !== untyped;
    const isNew = isLost || pairOf(state) !== pairOf(previous) || state.form.special !== previous.form.special || canRun(state) !== canRun(previous);
    if (!isNew || !canRun(state)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), REST);
  });
}

async function typedFurther(state: State, name: TowerName, tokenize: Tokenize): Promise<readonly [TowerName, TypedPrompts]> {
  const { ids, clean, corrupted } = pairOf(state).further[name] ?? { ids: false, clean: '', corrupted: '' };
  const prompt = (text: string): Promise<Typed | null> => typedOf(text, () => tokenize(promptOf(text, ids, state.form.special), name));
  return [name, { clean: await prompt(clean), corrupted: await prompt(corrupted) }];
}

type Followed = Pick<PairForm, 'ids' | 'clean'>;

/** The clean prompt that the target follows; a tower that is given none has one token, which no text follows. */
function followedPrompt(state: State): Followed {
  const tower = furtherPredicting(state);
  return tower === null ? pairOf(state) : pairOf(state).further[tower] ?? { ids: false, clean: '' };
}

/** What the engine's state says anyway is not said twice. */
async function typedOf(text: string, ask: () => Promise<readonly TokenInfo[]>): Promise<Typed | null> {
  if (text === '') return null;
  try {
    return { tokens: await ask() };
  } catch (thrown) {
    const error = CogscopeError.describe(thrown);
    return error.code === 'usage' || error.code === 'refused' ? { error } : null;
  }
}

function promptOf(text: string, ids: boolean, special: boolean): Prompt {
  if (!ids) return { kind: 'text', text, special };
  const parsed = parseIds(text);
  if (!parsed.ok) throw CogscopeError.from(parsed.error);
  return { kind: 'ids', ids: parsed.values };
}

/** As the engine reads it: the token that follows the prompt, else the text alone. */
async function oneToken(tokenize: Tokenize, { ids, clean, tokenIds }: Followed & Pick<PairForm, 'tokenIds'>, what: string, text: string): Promise<readonly TokenInfo[]> {
  if (tokenIds) return await tokenize(promptOf(text, true, false));
  const encode = (words: string): Promise<readonly TokenInfo[]> => tokenize({ kind: 'text', text: words, special: false });
  if (!ids && clean !== '') {
    const [before, together] = await Promise.all([encode(clean), encode(`${clean}${text}`)]);
    const following = together.slice(before.length);
    if (following.length === 1 && before.every((token, index) => token.id === together[index]?.id)) return following;
  }
  const alone = await encode(text);
  if (alone.length === 1) return alone;
  throw new CogscopeError('usage', `The ${what} is ${alone.length} tokens (${alone.map((token) => `“${plainToken(token.text)}”`).join(' ')})`, 'Give one token as it would follow the prompt, with its space in front');
}
