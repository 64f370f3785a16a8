/** Pairs of prompts as tokens, and what is measured behind them. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Experiment, PromptPair, PromptSource, TokenSource, TowerPrompts } from '../../../shared/experiment/experiment.ts';
import { needsCorrupted } from '../../../shared/experiment/kinds.ts';
import type { Prompt, TokenInfo } from '../../../shared/protocol/engineApi.ts';
import { metrics } from '../../analysis/metrics.ts';
import { predictingTower } from '../../program/chain.ts';
import type { ModelSession } from '../../session.ts';
import { oneToken } from '../oneToken.ts';
import { idsInputs, positionIn, towerTokens } from '../prompt.ts';
import type { TowerTokens } from '../prompt.ts';

export interface Pair {
  readonly clean: TowerTokens;
  /** Null in experiments on clean prompts alone. */
  readonly corrupted: TowerTokens | null;
  readonly target: TokenInfo | null;
  readonly distractor: TokenInfo | null;
  /** Of the tower that predicts. */
  readonly position: number;
}

/** Throws 'usage', naming the pair, where prompts, target or position do not fit. */
export function readPairs(session: ModelSession, experiment: Experiment): readonly Pair[] {
  if (experiment.pairs.length === 0) throw new CogscopeError('usage', 'The experiment has no prompts', 'Give at least one pair');
  const isPair = needsCorrupted(experiment);
  return experiment.pairs.map((pair, index) => {
    try {
      return readPair(session, experiment, pair, isPair);
    } catch (error) {
      if (!(error instanceof CogscopeError) || experiment.pairs.length === 1) throw error;
      throw new CogscopeError(error.data.code, error.data.what, error.data.todo, `pair ${index + 1}`, error.data.detail);
    }
  });
}

function readPair(session: ModelSession, { kind, special, position, metric }: Experiment, pair: PromptPair, isPair: boolean): Pair {
  const promptOf = (source: PromptSource): Prompt => (typeof source === 'string' ? { kind: 'text', text: source, special } : { kind: 'ids', ids: source });
  const others: readonly (readonly [string, TowerPrompts])[] = Object.entries(pair.prompts ?? {});
  const tokens = (source: PromptSource, run: keyof TowerPrompts): TowerTokens => towerTokens(session, promptOf(source), Object.fromEntries(others.map(([name, prompts]) => [name, promptOf(prompts[run])])));
  const clean = tokens(pair.clean, 'clean');
  if (isPair && pair.corrupted === undefined) throw new CogscopeError('usage', 'There is no corrupted prompt', `${kind === 'steering' ? 'The direction is what two prompts differ by' : 'Patching takes activations of one prompt into a run of another'}: give both`);
  const corrupted = isPair && pair.corrupted !== undefined ? tokens(pair.corrupted, 'corrupted') : null;
  // A direction is read of each prompt alone.
  if (corrupted && kind !== 'steering') checkLengths(clean, corrupted);
  const predicting = predictingTower(session.anatomy)?.name ?? '';
  const length = clean.get(predicting)?.length ?? 0;
  const at = positionIn(position, length);
  if (metrics[metric].needs === 'target' && pair.target === undefined) throw new CogscopeError('usage', `${metric} needs a target`, 'Give the token that should follow, as " Lily"');
  // A decoder that was given nothing has one token, which no text follows.
  const followed = predicting === idsInputs(session)[0]?.name ? pair.clean : new Map(others).get(predicting)?.clean ?? [];
  const token = (source: TokenSource | undefined, what: string): TokenInfo | null => (source === undefined ? null : oneToken(session, followed, source, what));
  return { clean, corrupted, target: token(pair.target, 'target'), distractor: token(pair.distractor, 'distractor'), position: at };
}

function checkLengths(clean: TowerTokens, corrupted: TowerTokens): void {
  for (const [tower, tokens] of clean) {
    const others = corrupted.get(tower) ?? [];
    if (others.length === tokens.length) continue;
    const parting = tokens.findIndex((token, index) => token.id !== others[index]?.id);
    const at = parting < 0 ? tokens.length : parting;
    const spelt = (list: readonly TokenInfo[]): string => list.map((token) => JSON.stringify(token.text)).join(' ');
    const word = (list: readonly TokenInfo[]): string => JSON.stringify(list[at]?.text ?? 'the end');
    throw new CogscopeError('usage',
      `${clean.size > 1 ? `In tower "${tower}", the` : 'The'} clean prompt has ${tokens.length} tokens (${spelt(tokens)}) and the corrupted one ${others.length} (${spelt(others)}); they part at position ${at}, ${word(tokens)} against ${word(others)}`,
      'Give prompts with the same number of tokens, so that each position has its counterpart');
  }
}
