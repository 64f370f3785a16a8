/** Rules that a group of examples obeys, and how much that says: beside how often they hold in ordinary text. */
import { ruleLabel } from '../../../shared/neurons/readings.ts';
import type { NeuronReading, ReadingRule } from '../../../shared/neurons/readings.ts';
import type { Background } from './background.ts';
import { bitOf, classNames } from './traits.ts';
import type { Features, Traits } from './traits.ts';

/** A rule in a form that is quick to try. */
export interface Rule {
  readonly rule: ReadingRule;
  readonly holds: (features: Features) => boolean;
  /** Of all tokens of the text, those that it holds for. */
  readonly base: number;
}

/** Of a group's examples, a rule must hold for so many, and for so much more of them than of ordinary text. */
const [LEAST, LEAST_SCORE] = [0.6, 0.4];
/** Words are named as long as they add a tenth of the group, and so many at most. */
const [ADDS, WORDS] = [0.1, 4];
/** Nats by which a class may say less than other rules and is still what people would name. */
const FOR_CLASS = 0.3;
/** Different words that an ending needs. */
const ENDING_WORDS = 3;

export function compile(rule: ReadingRule, traits: Traits): Rule['holds'] {
  switch (rule.kind) {
    case 'class': {
      const bit = bitOf(rule.name);
      return ({ mask }) => (mask & bit) !== 0;
    }
    case 'words': {
      const words = new Set(rule.words.map((word) => traits.words.find(word)));
      return ({ word }) => words.has(word);
    }
    case 'ending': {
      const ending = traits.endings.find(rule.ending);
      return ({ ending2, ending3 }) => ending2 === ending || ending3 === ending;
    }
    case 'behind': {
      const words = new Set(rule.words.map((word) => traits.words.find(word)));
      return ({ before }) => words.has(before);
    }
    default:
      return rule satisfies never;
  }
}

const scoreOf = (share: number, base: number): number => Math.max(0, (share - base) / (1 - base));

/** How much it says that a rule holds for this share of a group, a larger one than elsewhere: the divergence from that, in nats. */
function information(share: number, base: number): number {
  const rest = share < 1 ? (1 - share) * Math.log((1 - share) / (1 - base)) : 0;
  return share * Math.log(share / base) + rest;
}

/**
 * The rule that says most of a group; undefined where none holds for enough of it. What it takes to say which of all rules it is counts against it, example
 * by example: some rule holds for any few examples.
 */
export function ruleOf(group: readonly Features[], traits: Traits, background: Background): Rule | undefined {
  let best: { readonly rule: ReadingRule; readonly base: number; readonly value: number } | undefined;
  for (const { rule, share, base, cost } of candidates(group, traits, background)) {
    if (share < LEAST || scoreOf(share, base) < LEAST_SCORE) continue;
    const value = information(share, base) - cost / group.length + (rule.kind === 'class' ? FOR_CLASS : 0);
    if (value > (best?.value ?? 0)) best = { rule, base, value };
  }
  return best && { rule: best.rule, base: best.base, holds: compile(best.rule, traits) };
}

interface Candidate {
  readonly rule: ReadingRule;
  readonly share: number;
  readonly base: number;
  /** Nats that tell this rule from all others of its kind. */
  readonly cost: number;
}

function* candidates(group: readonly Features[], traits: Traits, background: Background): Generator<Candidate> {
  const share = (count: number): number => count / group.length;
  for (const name of classNames) {
    const bit = bitOf(name);
    const count = group.reduce((sum, { mask }) => sum + ((mask & bit) !== 0 ? 1 : 0), 0);
    if (count > 0) yield { rule: { kind: 'class', name }, share: share(count), base: background.ofClass(name), cost: Math.log(classNames.length) };
  }
  for (const [kind, key] of [['words', 'word'], ['behind', 'before']] as const) {
    const found = counted(group, key).slice(0, WORDS).filter(([, count], at) => at === 0 || share(count) >= ADDS);
    let [held, base] = [0, 0];
    const words: string[] = [];
    for (const [word, count] of found) {
      held += count;
      base += background.ofWord(word);
      words.push(traits.words.all[word] ?? '');
      yield { rule: { kind, words: [...words] }, share: share(held), base, cost: words.length * Math.log(traits.words.all.length) };
    }
  }
  for (const key of ['ending3', 'ending2'] as const) {
    const [[ending, count] = [-1, 0]] = counted(group, key);
    const kinds = new Set(group.filter((one) => one[key] === ending).map(({ word }) => word)).size;
    if (ending >= 0 && kinds >= ENDING_WORDS) yield { rule: { kind: 'ending', ending: traits.endings.all[ending] ?? '' }, share: share(count), base: background.ofEnding(ending), cost: Math.log(traits.endings.all.length) };
  }
}

/** The most frequent first. */
function counted(group: readonly Features[], key: 'word' | 'before' | 'ending2' | 'ending3'): readonly (readonly [number, number])[] {
  const counts = new Map<number, number>();
  for (const { [key]: value } of group) if (value >= 0) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

/** The class that two groups have in common, where it is a rare one and holds for nearly all of each: then they are one meaning. */
export function commonClass(groups: readonly (readonly Features[])[], background: Background, { share, base }: { readonly share: number; readonly base: number }): boolean {
  return classNames.some((name) => {
    const bit = bitOf(name);
    return background.ofClass(name) <= base && groups.every((group) => group.filter(({ mask }) => (mask & bit) !== 0).length >= share * group.length);
  });
}

export function readingOf(rule: Rule | undefined, group: readonly Features[], of: number, activation: number): NeuronReading {
  const share = group.length / of;
  if (!rule) return { label: 'no shared property', rule: null, share, score: 0, activation };
  const held = group.filter(rule.holds).length / group.length;
  return { label: ruleLabel(rule.rule), rule: rule.rule, share, score: scoreOf(held, rule.base), activation };
}
