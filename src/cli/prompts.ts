/** Prompts as they are given to more than one command. */
import { CogscopeError } from '../shared/errors.ts';
import type { TokenSource } from '../shared/experiment/experiment.ts';
import type { Prompt } from '../shared/protocol/engineApi.ts';
import type { Arguments, OptionSpec } from './args.ts';

export const promptOptions: readonly OptionSpec[] = [
  { name: 'prompt', value: 'TEXT', many: 'again', about: 'The text to run.' },
  { name: 'ids', value: '1,2,3', many: 'again', about: 'Token ids instead of text.' },
  { name: 'decoder', value: 'TEXT', many: 'again', about: 'The decoder’s own text, where the model is an encoder with a decoder: one for all prompts or one for each. Without it the decoder has the one token that the configuration beside the model starts it with.' },
  { name: 'decoder-ids', value: '1,2,3', many: 'again', about: 'Token ids for the decoder instead of text.' },
  { name: 'no-special-tokens', value: null, about: 'Leaves out the tokens that the tokenizer adds to a text.' },
];

export interface Prompts {
  readonly prompts: readonly Prompt[];
  readonly others?: Readonly<Record<string, readonly Prompt[]>>;
}

/** Texts and ids, in the order in which they were given. A decoder without an encoder takes the prompt as any model does. */
export function promptsOf(args: Arguments): Prompts {
  const special = !args.has('no-special-tokens');
  const read = (text: string, ids: string): readonly Prompt[] => args.occurrences.flatMap(({ name, value }): readonly Prompt[] => {
    if (name === text) return [{ kind: 'text', text: value, special }];
    return name === ids ? [{ kind: 'ids', ids: idsOf(name, value) }] : [];
  });
  const dec = read('decoder', 'decoder-ids');
  return { prompts: read('prompt', 'ids'), ...(dec.length > 0 ? { others: { dec } } : {}) };
}

/** The one prompt that a command is about. Throws 'usage' where there is none, or more. */
export function onePrompt(args: Arguments): { readonly prompt: Prompt; readonly prompts?: Readonly<Record<string, Prompt>> } {
  const { prompts: [prompt, extra], others = {} } = promptsOf(args);
  if (!prompt) throw new CogscopeError('usage', 'There is no prompt', 'Give --prompt TEXT or --ids 1,2,3');
  if (extra || Object.values(others).some((own) => own.length > 1)) throw new CogscopeError('usage', 'More than one prompt is given', 'Give one prompt at a time');
  return { prompt, prompts: Object.fromEntries(Object.entries(others).flatMap(([name, [own]]) => (own ? [[name, own]] : []))) };
}

/** `--position`; the last one (-1) unless given. */
export function positionOf(args: Arguments): number {
  const text = args.one('position') ?? '-1';
  if (!/^-?\d{1,7}$/.test(text)) throw new CogscopeError('usage', `--position takes a whole number, not "${text}"`, 'Write for instance --position -1');
  return Number(text);
}

/** `--NAME TOKEN` or `--NAME-id N`. */
export function tokenOf(args: Arguments, name: string): TokenSource | null {
  const [text, id] = [args.one(name), args.whole(`${name}-id`, 0, 0x7fffffff)];
  if (text !== undefined && id !== undefined) throw new CogscopeError('usage', `--${name} and --${name}-id are both given`, 'Leave one of them out');
  return id ?? text ?? null;
}

function idsOf(option: string, text: string): readonly number[] {
  return text.split(',').map((part) => {
    const word = part.trim();
    if (!/^-?\d+$/.test(word)) throw new CogscopeError('usage', `--${option} takes whole numbers with commas between them, not "${text}"`, `Write for instance --${option} 1,2,3`);
    return Number(word);
  });
}
