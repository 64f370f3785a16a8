/** What is wrong with what is typed, each beside its field in one sentence with what to do. */
import { sentence } from '../../../src/shared/errors.ts';
import type { TowerName } from '../../../src/shared/experiment/experiment.ts';
import { kinds } from '../../../src/shared/experiment/kinds.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { align, partingOf } from './align.ts';
import { numberOf, wordsOf } from './form.ts';
import { furtherNames } from './further.ts';
import { ownFinds } from './ownProblems.ts';
import { canRun, followedTokens, hasCorrupted, isBetween, isTokenized, pairOf, summaryOf, tokensOf } from './read.ts';
import { untyped } from './state.ts';
import type { State, Typed, TypedPrompts } from './state.ts';

export type Field = 'pairs' | FurtherField | 'clean' | 'corrupted' | 'target' | 'distractor' | 'position' | 'layers' | 'subject' | 'sigma' | 'samples' | 'seed' | 'window' | 'ablate' | 'together' | 'senders' | 'receivers' | 'address' | 'vector' | 'scales' | 'vectorAt';

/** A prompt of a further tower: `dec.clean`. */
export type FurtherField = `${TowerName}.${keyof TypedPrompts}`;

export interface Problem {
  readonly field: Field;
  readonly text: string;
  /** Nothing was typed yet: it is said once somebody wants to run. */
  readonly isMissing?: true;
}

export type Find = (state: State) => Problem | null;

const finds: readonly Find[] = [clean, corrupted, ...furtherNames.flatMap((name) => [furtherClean(name), furtherCorrupted(name)]), target, distractor, position, layers, otherPairs];

export const problemsOf = (state: State): readonly Problem[] => [...finds, ...ownFinds[state.form.kind]].flatMap((find) => find(state) ?? []);

/** What stands against a run may be gone with the tokens of what is typed now, which are on their way. */
export const isUndecided = (state: State): boolean =>
  canRun(state) && !isTokenized(state) && problemsOf(state).length > 0 && problemsOf({ ...state, typed: untyped }).length === 0;

/** What is said of a field now; empty: nothing. */
export const saidOf = (state: State, field: Field): string =>
  problemsOf(state).find((problem) => problem.field === field && (state.wanted || !problem.isMissing))?.text ?? '';

const errorOf = (typed: Typed | null): string => (typed && 'error' in typed ? sentence(typed.error) : '');
const wrong = (field: Field, text: string): Problem | null => (text === '' ? null : { field, text });

function clean(state: State): Problem | null {
  if (pairOf(state).clean === '') return { field: 'clean', text: 'There is no clean prompt. Type the prompt that the model answers right.', isMissing: true };
  return wrong('clean', errorOf(state.typed.clean));
}

function corrupted(state: State): Problem | null {
  if (!hasCorrupted(state)) return null;
  if (pairOf(state).corrupted === '') return { field: 'corrupted', text: 'There is no corrupted prompt. Type one that differs from the clean one in what matters, with as many tokens.', isMissing: true };
  const error = errorOf(state.typed.corrupted);
  if (error !== '') return wrong('corrupted', error);
  if (!isBetween(state)) return null;
  const [a, b] = [tokensOf(state.typed.clean), tokensOf(state.typed.corrupted)];
  const differsElsewhere = Object.values(pairOf(state).further).some((prompt) => prompt.corrupted !== '');
  return wrong('corrupted', lengthWords(a, b) || (differsElsewhere ? '' : samenessWords(a, b)));
}

/** One that is left empty starts as the model's configuration says. */
function furtherClean(name: TowerName): Find {
  const field: FurtherField = `${name}.clean`;
  return (state) => {
    const typed = pairOf(state).further[name];
    if (typed?.clean === '' && typed.corrupted !== '') return { field, text: 'There is no clean prompt beside the corrupted one. Type it, or leave both empty.', isMissing: true };
    return wrong(field, errorOf(state.typed.further[name]?.clean ?? null));
  };
}

function furtherCorrupted(name: TowerName): Find {
  return (state) => {
    const typed = state.typed.further[name];
    if (!typed || !hasCorrupted(state)) return null;
    return wrong(`${name}.corrupted`, errorOf(typed.corrupted) || (isBetween(state) ? lengthWords(tokensOf(typed.clean), tokensOf(typed.corrupted)) : ''));
  };
}

const word = (tokens: readonly TokenInfo[], at: number): string => (tokens[at] ? `“${plainToken(tokens[at].text)}”` : 'the end');

/** Where prompts of different lengths part; empty where they have one length. */
export function lengthWords(clean: readonly TokenInfo[], corrupted: readonly TokenInfo[]): string {
  const at = clean.length === 0 || corrupted.length === 0 ? null : partingOf(clean, corrupted);
  if (at === null) return '';
  return `The clean prompt has ${clean.length} tokens and the corrupted one ${corrupted.length}; they part at position ${at}, ${word(clean, at)} against ${word(corrupted, at)}. Give both as many tokens, so that each position has its counterpart.`;
}

/** Empty where the two differ. */
export function samenessWords(clean: readonly TokenInfo[], corrupted: readonly TokenInfo[]): string {
  if (clean.length === 0 || corrupted.length === 0 || align(clean, corrupted).some(({ differs }) => differs)) return '';
  return 'Both prompts have the same tokens, so that a patch changes nothing. Change what matters in one of them.';
}

function target(state: State): Problem | null {
  const { metric, kind } = state.form;
  if (metric !== 'kl' && pairOf(state).target === '') {
    return { field: 'target', text: `There is no target. Type the token that should follow, with its space, or measure by KL divergence${kinds[kind].metric === metric ? '' : ' instead'}.`, isMissing: true };
  }
  return wrong('target', errorOf(state.typed.target));
}

function distractor(state: State): Problem | null {
  return wrong('distractor', errorOf(state.typed.distractor));
}

function position(state: State): Problem | null {
  const at = numberOf(state.form.position);
  const length = followedTokens(state).length;
  if (!Number.isSafeInteger(at)) return wrong('position', 'A position is a whole number. Write \u22121 for the last token.');
  const isThere = length === 0 || (at < 0 ? length + at >= 0 : at < length);
  return isThere ? null : wrong('position', `The prompt has ${length} tokens. Choose 0 to ${length - 1}, or \u22121 for the last.`);
}

function layers(state: State): Problem | null {
  if (state.form.kind !== 'activation-patching' && state.form.kind !== 'ablation') return null;
  const most = Math.max(...(summaryOf(state)?.towers ?? []).map((tower) => tower.layers), 0);
  const odd = wordsOf(state.form.layers).find((text) => !/^\d+$/.test(text) || (most > 0 && Number(text) >= most));
  if (odd === undefined) return null;
  return wrong('layers', `“${odd}” is no layer. ${most > 0 ? `Write numbers from 0 to ${most - 1}` : 'Write whole numbers from 0'}, or nothing for all.`);
}

/** Of the pairs that are not shown, the first that lacks something. */
function otherPairs(state: State): Problem | null {
  const { form } = state;
  const lacks = form.pairs.findIndex((pair, index) => index !== state.pair && (pair.clean === '' || (hasCorrupted(state) && pair.corrupted === '') || (form.metric !== 'kl' && pair.target === '')));
  return lacks < 0 ? null : { field: 'pairs', text: `Pair ${lacks + 1} lacks a prompt or its target. Fill it in, or remove it.`, isMissing: true };
}
