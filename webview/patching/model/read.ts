/** What views read out of the state. */
import type { Experiment, Site, TowerName } from '../../../src/shared/experiment/experiment.ts';
import { kinds } from '../../../src/shared/experiment/kinds.ts';
import type { Cell } from '../../../src/shared/experiment/result.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import type { ModelSummary } from '../../../src/shared/summary.ts';
import { givenElsewhere } from '../../lib/elsewhere.ts';
import { emptyPair, experimentOf, formOf } from './form.ts';
import type { PairForm } from './form.ts';
import { furtherNames, isGiven } from './further.ts';
import type { Run, State, Typed } from './state.ts';

export const summaryOf = (state: Pick<State, 'model'>): ModelSummary | null => (state.model?.state.kind === 'open' ? state.model.state.summary : null);

export const isRunning = (run: Run | null): boolean => run?.phase === 'starting' || run?.phase === 'running';

export const pairOf = ({ form, pair }: Pick<State, 'form' | 'pair'>): PairForm => form.pairs[pair] ?? emptyPair;

/** The experiment has two prompts. */
export const hasCorrupted = (state: Pick<State, 'form'>): boolean => isBetween(state) || (state.form.kind === 'steering' && state.form.vectorFrom !== 'file');

/** Activations go from one prompt's run into the other's, so that both need as many tokens. */
export const isBetween = ({ form }: Pick<State, 'form'>): boolean => kinds[form.kind].corrupted;

export const tokensOf = (typed: Typed | null): readonly TokenInfo[] => (typed && 'tokens' in typed ? typed.tokens : []);

/** The tokens are of what is typed now, not of what was typed before. */
export const isTokenized = (state: Pick<State, 'form' | 'pair' | 'typed'>): boolean =>
  state.typed.of?.pair === pairOf(state) && state.typed.of.special === state.form.special;

/** Towers behind the first that have a prompt of their own: the model's, and those that the experiment gives one anyway. */
export function furtherTowers(state: Pick<State, 'model' | 'form' | 'pair'>): readonly TowerName[] {
  const { further } = pairOf(state);
  const own = (summaryOf(state)?.towers ?? []).filter(({ takesIds }) => takesIds).slice(1);
  return furtherNames.filter((name) => isGiven(further[name]) || own.some((tower) => tower.name === name));
}

/** The tower that the target follows, where it is not the first one. */
export function furtherPredicting(state: Pick<State, 'model' | 'form' | 'pair'>): TowerName | null {
  const predicting = summaryOf(state)?.towers.find(({ hasLogits }) => hasLogits)?.name;
  return furtherTowers(state).find((name) => name === predicting) ?? null;
}

/** Tokens of the clean prompt that the target follows. */
export function followedTokens(state: Pick<State, 'model' | 'form' | 'pair' | 'typed'>): readonly TokenInfo[] {
  const tower = furtherPredicting(state);
  return tokensOf((tower === null ? state.typed : state.typed.further[tower])?.clean ?? null);
}

/** Whether something can be run now, as far as the host says. */
export function canRun(state: State): boolean {
  const summary = summaryOf(state);
  return state.model?.trusted === true && summary !== null && summary.runnable && givenElsewhere(summary).length === 0;
}

/** The model is still being opened: what is asked of it is done once it is there. */
export const isComing = ({ model }: State): boolean => model === null || (model.trusted && model.state.kind === 'loading');

/** Causal tracing: positions of the tokens that the subject's words touch. */
export function subjectOf(state: Pick<State, 'form' | 'pair' | 'typed'>): ReadonlySet<number> {
  const { clean, subject, ids } = pairOf(state);
  const from = state.form.kind === 'causal-tracing' && !ids && subject !== '' ? clean.indexOf(subject) : -1;
  if (from < 0) return new Set();
  return new Set(tokensOf(state.typed.clean).flatMap((token, at) => (token.start < from + subject.length && token.end > from ? [at] : [])));
}

/** What a block must have for its sites; streams are everywhere. */
const parts: Readonly<Partial<Record<Site, readonly ('attention' | 'mlp')[]>>> = {
  resid_mid: ['attention', 'mlp'], attn_out: ['attention'], z: ['attention'], q: ['attention'], k: ['attention'], v: ['attention'], pattern: ['attention'], mlp_out: ['mlp'], mlp_post: ['mlp'],
};

/** Whether some layer of the model has the site, as far as its summary tells. */
export const hasSite = (state: Pick<State, 'model'>, site: Site): boolean =>
  (summaryOf(state)?.towers ?? []).some(({ blocks }) => blocks.some((block) => (parts[site] ?? []).every((part) => block[part] !== null)));

/** Experiments that are the same run have the same key: what is expected of a result, and where the model lies, do not change it. */
const keyOf = (experiment: Experiment): string => JSON.stringify(experimentOf(formOf({ ...experiment, expect: [] }), ''));

/** What is typed is what was run. */
export function isCurrent({ form, run }: Pick<State, 'form' | 'run'>): boolean {
  const typed = experimentOf(form, '');
  return run !== null && typed !== null && keyOf(typed) === keyOf(run.experiment);
}

/** A sweep that stopped before its end, and is still what is typed. */
export const canGoOn = (state: State): boolean =>
  state.run !== null && state.run.done > 0 && (state.run.phase === 'cancelled' || state.run.phase === 'failed') && isCurrent(state);

export const cellOf = ({ run, cell }: Pick<State, 'run' | 'cell'>): Cell | null => (cell === null ? null : run?.cells[cell] ?? null);

/** Not a pair of the cell has been run. */
export const isMissing = ({ run }: Pick<State, 'run'>, index: number): boolean => run?.cells[index]?.ran === 0;
