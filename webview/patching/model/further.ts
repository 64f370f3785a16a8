/** Prompts of towers behind the first, as they are typed: a decoder's, behind an encoder. */
import type { PromptPair, TowerName, TowerPrompts } from '../../../src/shared/experiment/experiment.ts';
import { promptOf, promptText } from './promptText.ts';

export interface FurtherPrompt {
  readonly ids: boolean;
  readonly clean: string;
  /** Empty: the clean one. */
  readonly corrupted: string;
}

/** A tower that is given nothing starts as its configuration says. */
export type Further = Readonly<Partial<Record<TowerName, FurtherPrompt>>>;

export const furtherNames: readonly TowerName[] = ['enc', 'dec', 'text', 'vision'];

export const isGiven = (prompt: FurtherPrompt | undefined): prompt is FurtherPrompt => prompt !== undefined && (prompt.clean !== '' || prompt.corrupted !== '');

export function furtherOf(prompts: PromptPair['prompts'] = {}): Further {
  return Object.fromEntries(furtherNames.flatMap((name): readonly (readonly [TowerName, FurtherPrompt])[] => {
    const given = prompts[name];
    if (!given) return [];
    const [clean, corrupted] = [promptText(given.clean), promptText(given.corrupted)];
    return [[name, { ids: typeof given.clean !== 'string', clean, corrupted: corrupted === clean ? '' : corrupted }]];
  }));
}

/** Undefined where no tower is given a prompt, null where ids cannot be read. */
export function furtherPrompts(further: Further): PromptPair['prompts'] | null {
  const entries: (readonly [TowerName, TowerPrompts])[] = [];
  for (const name of furtherNames) {
    const typed = further[name];
    if (!isGiven(typed)) continue;
    const clean = promptOf(typed.clean, typed.ids);
    const corrupted = typed.corrupted === '' ? clean : promptOf(typed.corrupted, typed.ids);
    if (clean === null || corrupted === null) return null;
    entries.push([name, { clean, corrupted }]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** All of them are typed as ids from now on, or as text. */
export const asIds = (further: Further, ids: boolean): Further => Object.fromEntries(Object.entries(further).map(([name, prompt]) => [name, { ...prompt, ids }]));

/** Of what is kept from another life. */
export const isFurther = (value: object): boolean =>
  Object.entries(value).every(([name, prompt]: readonly [string, unknown]) => furtherNames.some((one) => one === name) && isFurtherPrompt(prompt));

function isFurtherPrompt(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { ids, clean, corrupted } = value as Readonly<Record<string, unknown>>;
  return typeof ids === 'boolean' && typeof clean === 'string' && typeof corrupted === 'string';
}
