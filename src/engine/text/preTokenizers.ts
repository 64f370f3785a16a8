/** How a tokenizer cuts a text before its vocabulary does: one row a kind. */
import type { Aligned } from './aligned.ts';
import { spellBytes } from './bytes.ts';
import { punctuation } from './characters.ts';
import { isJson, parts, rowOf, textOf } from './json.ts';
import type { Json } from './json.ts';
import { patternOf } from './patterns.ts';
import { literal } from './unicode.ts';

export type PreTokenizer = (part: Aligned) => readonly Aligned[];

type Behavior = 'removed' | 'isolated' | 'mergedwithprevious' | 'mergedwithnext' | 'contiguous';
const behaviors: readonly Behavior[] = ['removed', 'isolated', 'mergedwithprevious', 'mergedwithnext', 'contiguous'];

interface Cut {
  readonly from: number;
  readonly to: number;
  readonly isMatch: boolean;
}

function cutsOf(text: string, pattern: RegExp, isInverted: boolean): readonly Cut[] {
  const cuts: Cut[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const to = match.index + match[0].length;
    cuts.push({ from: at, to: match.index, isMatch: isInverted }, { from: match.index, to, isMatch: !isInverted });
    at = to;
  }
  return [...cuts, { from: at, to: text.length, isMatch: isInverted }].filter(({ from, to }) => to > from);
}

/** Does a cut stand together with the one before it? */
const joins: Readonly<Record<Behavior, (before: Cut, cut: Cut) => boolean>> = {
  removed: () => false,
  isolated: () => false,
  contiguous: (before, cut) => before.isMatch === cut.isMatch,
  mergedwithprevious: (before, cut) => cut.isMatch && !before.isMatch,
  mergedwithnext: (before, cut) => before.isMatch && !cut.isMatch,
};

export function split(part: Aligned, pattern: RegExp, behavior: Behavior, isInverted = false): readonly Aligned[] {
  const cuts = cutsOf(part.text, pattern, isInverted).filter(({ isMatch }) => behavior !== 'removed' || !isMatch);
  const groups: { from: number; to: number; last: Cut }[] = [];
  for (const cut of cuts) {
    const group = groups.at(-1);
    if (group && joins[behavior](group.last, cut)) Object.assign(group, { to: cut.to, last: cut });
    else groups.push({ from: cut.from, to: cut.to, last: cut });
  }
  return groups.map(({ from, to }) => part.slice(from, to));
}

function behaviorOf(config: Json, otherwise: Behavior): Behavior {
  const name = textOf(config['behavior']).toLowerCase().replaceAll('_', '');
  const found = name === '' ? otherwise : behaviors.find((behavior) => behavior === name);
  if (!found) throw new Error(`the split behavior ${name}`);
  return found;
}

const gpt2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const space = /\p{White_Space}/gu;
const numeric = /\p{N}/gu;
const words = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;

const prefixed = (part: Aligned, prefix: string): Aligned => (part.text === '' || part.text.startsWith(prefix) ? part : part.edit([{ from: 0, to: 0, text: prefix }]));

function byteLevel(config: Json): PreTokenizer {
  return (part) => {
    const whole = config['add_prefix_space'] === false ? part : prefixed(part, ' ');
    const pieces = config['use_regex'] === false ? [whole] : split(whole, gpt2, 'isolated');
    return pieces.map((piece) => piece.spell(spellBytes));
  };
}

function metaspace(config: Json): PreTokenizer {
  const replacement = textOf(config['replacement']) || '▁';
  const scheme = textOf(config['prepend_scheme']) || (config['add_prefix_space'] === false ? 'never' : 'always');
  const cut = new RegExp(literal(replacement), 'gu');
  return (part) => {
    const spelt = part.replace(/ /gu, () => replacement);
    const isPrefixed = scheme === 'always' || (scheme === 'first' && part.isFirst);
    const whole = isPrefixed ? prefixed(spelt, replacement) : spelt;
    return config['split'] === false ? [whole] : split(whole, cut, 'mergedwithnext');
  };
}

function fixedLength(config: Json): PreTokenizer {
  const length = typeof config['length'] === 'number' ? config['length'] : 5;
  const pattern = new RegExp(`.{1,${length}}`, 'gsu');
  return (part) => split(part, pattern, 'isolated');
}

const rows: Readonly<Record<string, (config: Json) => PreTokenizer>> = {
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  Whitespace: () => (part) => split(part, words, 'removed', true),
  WhitespaceSplit: () => (part) => split(part, space, 'removed'),
  BertPreTokenizer: () => (part) => split(part, space, 'removed').flatMap((word) => split(word, punctuation, 'isolated')),
  Punctuation: (config) => (part) => split(part, punctuation, behaviorOf(config, 'isolated')),
  Digits: (config) => (part) => split(part, numeric, config['individual_digits'] === true ? 'isolated' : 'contiguous'),
  CharDelimiterSplit: (config) => (part) => split(part, new RegExp(literal(textOf(config['delimiter'])), 'gu'), 'removed'),
  FixedLength: fixedLength,
  Split: (config) => {
    const pattern = patternOf(config);
    const behavior = behaviorOf(config, 'isolated');
    return (part) => split(part, pattern, behavior, config['invert'] === true);
  },
  Sequence: (config) => {
    const steps = parts(config['pretokenizers']).map(preTokenizerOf);
    return (part) => steps.reduce<readonly Aligned[]>((pieces, step) => pieces.flatMap(step), [part]);
  },
};

/** Throws where the kind is not known, or its settings cannot be read. */
export function preTokenizerOf(config: unknown): PreTokenizer {
  if (!isJson(config)) return (part) => [part];
  const row = rowOf(rows, textOf(config['type']));
  if (!row) throw new Error(`the pre-tokenizer ${textOf(config['type'])}`);
  return row(config);
}
