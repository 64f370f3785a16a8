/** The pairs of prompts of an experiment, in its file or as lines of a file of their own. */
import { towerNames } from '../addresses.ts';
import type { Metric, PromptPair, PromptSource, TokenSource, TowerPrompts } from './experiment.ts';
import { Fields, isNumber, isObject } from './fields.ts';
import { below, quoted } from './problem.ts';
import type { Problem } from './problem.ts';

export interface PairRules {
  /** "activation patching", for the sentences. */
  readonly kind: string;
  /** Each pair needs a corrupted prompt; where it does not, one that stands there is left out, so that experiments may share their pairs. */
  readonly corrupted: boolean;
  readonly metric: Metric;
  /** Each pair must say which words are disturbed. */
  readonly subject: boolean;
}

/** A line of a file of pairs, from 1; null: it is no JSON. */
export interface PairLine {
  readonly line: number;
  readonly value: unknown;
}

const keys = ['clean', 'corrupted', 'target', 'distractor', 'subject', 'prompts'];

export function readPairLines(lines: readonly PairLine[], rules: PairRules, problems: Problem[]): readonly PromptPair[] {
  if (lines.length === 0) problems.push({ pointer: '/pairs', what: 'The file of pairs is empty', todo: 'Write one pair a line: {"clean": "…", "corrupted": "…", "target": "…"}' });
  return lines.flatMap(({ line, value }) => {
    const found: Problem[] = [];
    const pair = readPair(value, '', rules, found);
    problems.push(...found.map((problem) => ({ ...problem, line })));
    return pair ?? [];
  });
}

export function readPairList(list: readonly unknown[], rules: PairRules, problems: Problem[]): readonly PromptPair[] {
  if (list.length === 0) problems.push({ pointer: '/pairs', what: '"pairs" holds no pair', todo: 'Write at least one: {"clean": "…", "corrupted": "…", "target": "…"}' });
  return list.flatMap((value, index) => readPair(value, below('/pairs', index), rules, problems) ?? []);
}

function readPair(value: unknown, pointer: string, rules: PairRules, problems: Problem[]): PromptPair | undefined {
  if (!isObject(value)) {
    problems.push({ pointer, what: `A pair is an object with "clean" and more, not ${quoted(value)}`, todo: 'Write {"clean": "…", "corrupted": "…", "target": "…"}' });
    return undefined;
  }
  const fields = new Fields(value, pointer, problems);
  fields.only(keys);
  const clean = prompt(fields, 'clean');
  const corrupted = prompt(fields, 'corrupted');
  const target = token(fields, 'target');
  const distractor = token(fields, 'distractor');
  const subject = fields.text('subject', '');
  const prompts = furtherPrompts(fields);
  if (!fields.has('clean')) fields.missing('clean', 'the prompt that the model answers right', 'Add it as a text, or as a list of token ids');
  if (rules.corrupted && !fields.has('corrupted')) fields.missing('corrupted', `${rules.kind} goes between two prompts`, 'Add the prompt that differs from the clean one in what matters');
  if (rules.metric !== 'kl' && !fields.has('target')) fields.missing('target', `the metric "${rules.metric}" is about one token`, 'Add the token that should follow the clean prompt, or take the metric "kl"');
  if (rules.subject && !fields.has('subject')) fields.missing('subject', 'these are the words whose embeddings are disturbed', 'Add it here, or as "subject" of "noise" for all pairs');
  return {
    clean: clean ?? '',
    ...(rules.corrupted && corrupted !== undefined ? { corrupted } : {}),
    ...(target === undefined ? {} : { target }),
    ...(distractor === undefined ? {} : { distractor }),
    ...(subject === '' ? {} : { subject }),
    ...(prompts === undefined ? {} : { prompts }),
  };
}

/** One prompt is both runs'. */
function furtherPrompts(fields: Fields): PromptPair['prompts'] {
  const towers = fields.child('prompts', 'an object of prompts by tower, such as {"dec": "…"}');
  if (towers === undefined) return undefined;
  const names = Object.keys(towerNames);
  towers.only(names);
  const given = names.filter((name) => towers.has(name));
  if (given.length === 0) towers.note(towers.pointer, '"prompts" names no tower', 'Write for instance {"dec": "…"}, or take it out');
  return Object.fromEntries(given.flatMap((name): readonly (readonly [string, TowerPrompts])[] => {
    if (!isObject(towers.get(name))) {
      const both = prompt(towers, name);
      return both === undefined ? [] : [[name, { clean: both, corrupted: both }]];
    }
    const two = towers.child(name, 'a prompt');
    two?.only(['clean', 'corrupted']);
    for (const key of ['clean', 'corrupted'].filter((one) => two?.has(one) === false)) two?.missing(key, 'it is the prompt of one of the two runs', 'Add it, or write one prompt for both');
    const [clean, corrupted] = [two && prompt(two, 'clean'), two && prompt(two, 'corrupted')];
    return clean === undefined || corrupted === undefined ? [] : [[name, { clean, corrupted }]];
  }));
}

const isId = (value: unknown): value is number => isNumber(value, { least: 0, whole: true });

function prompt(fields: Fields, key: string): PromptSource | undefined {
  const value = fields.get(key);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  if (Array.isArray(value) && value.length > 0 && value.every(isId)) return value;
  fields.wrong(key, 'a text or a list of token ids', 'Write "…" or [1, 2, 3]');
  return undefined;
}

function token(fields: Fields, key: string): TokenSource | undefined {
  const value = fields.get(key);
  if (value === undefined) return undefined;
  if ((typeof value === 'string' && value !== '') || isId(value)) return value;
  fields.wrong(key, 'one token as it would follow the prompt, or its id', 'Write for instance " Lily", with its space');
  return undefined;
}
