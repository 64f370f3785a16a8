/** What a neuron fires on, in words, and as a rule that can be tried on any text. Plain data: it crosses process boundaries. */
import { inWords } from '../format.ts';

/** Properties of a token, some of them by where it stands. */
export const tokenClasses = {
  quotes: 'quotation marks', digits: 'digits', ends: 'ends of sentences', breaks: 'line breaks', brackets: 'brackets', punctuation: 'punctuation', symbols: 'symbols',
  capitals: 'words in capitals', capitalised: 'capitalised words', foreign: 'letters that are not Latin', bytes: 'single bytes', special: 'tokens that are no text',
  names: 'names', parts: 'parts of words', first: 'first words of sentences',
} as const;

export type TokenClass = keyof typeof tokenClasses;

/** Words are tokens in lower case, without white space around them. */
export type ReadingRule =
  | { readonly kind: 'class'; readonly name: TokenClass }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'ending'; readonly ending: string }
  /** The token before is one of these. */
  | { readonly kind: 'behind'; readonly words: readonly string[] };

const quoted = (words: readonly string[]): string => inWords(words.map((word) => `“${word === '' ? ' ' : word}”`)).replace(/ and (?=“[^”]*”$)/, ' or ');

export function ruleLabel(rule: ReadingRule): string {
  switch (rule.kind) {
    case 'class':
      return tokenClasses[rule.name];
    case 'words':
      return quoted(rule.words);
    case 'ending':
      return `words that end in “${rule.ending}”`;
    case 'behind':
      return `what stands behind ${quoted(rule.words)}`;
    default:
      return rule satisfies never;
  }
}

/** One of a neuron's meanings. */
export interface NeuronReading {
  readonly label: string;
  /** Null where its examples share nothing that there is a word for. */
  readonly rule: ReadingRule | null;
  /** Of the neuron's examples. */
  readonly share: number;
  /** How much more of its examples than of all text the rule holds for: 1 for all of them and hardly any other token, 0 for no more than elsewhere. */
  readonly score: number;
  /** Mean over its examples. */
  readonly activation: number;
}

/** The readings of one neuron. */
export interface NeuronMeanings {
  /** The largest first. */
  readonly readings: readonly NeuronReading[];
  /** Readings with a rule. */
  readonly meanings: number;
  /**
   * Agreement on examples that were held out, beyond that with shuffled labels (Cohen's kappa): 1 if the rules found on one half tell the groups of the other half
   * and ordinary text apart, 0 if no better than chance. Null where there are too few examples.
   */
  readonly sure: number | null;
}

/** A neuron in a list of the most mono- or polysemantic. */
export interface RankedNeuron {
  readonly address: string;
  readonly meanings: number;
  readonly sure: number;
  readonly labels: readonly string[];
}

/** How well a rule tells where a neuron fires. */
export interface RuleTrial {
  /** Tokens that it holds for. */
  readonly holds: number;
  /** Of these, those that the neuron fires on. */
  readonly hits: number;
  /** hits / holds; null where it holds for none. */
  readonly precision: number | null;
  /** hits / tokens that the neuron fires on; null where it fires on none. */
  readonly recall: number | null;
  /** Of foretold and real activations over all tokens, as automated interpretability scores explanations (Bills et al. 2023); null where either is the same everywhere. */
  readonly correlation: number | null;
}

/** A neuron's readings on a text. */
export interface ReadingTrial {
  readonly address: string;
  readonly tokens: number;
  /** Tokens with an activation of at least `threshold`, a quarter of the largest in the index. */
  readonly fires: number;
  readonly threshold: number;
  readonly readings: readonly ({ readonly label: string } & RuleTrial)[];
  /** All readings at once: what any of them foretells. */
  readonly together: RuleTrial;
}
