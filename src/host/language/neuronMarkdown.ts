/** What an index tells of an address, as markdown for hovers. Whatever comes from a text or a model is escaped. Pure. */
import { compact, counted, fixed, percent, significant } from '../../shared/format.ts';
import type { ExampleContext, HeadFigures, NeuronFigures, NeuronLayer } from '../../shared/neurons/figures.ts';
import type { NeuronSearchResult } from '../../shared/neurons/search.ts';
import { plainToken } from '../../shared/visible.ts';

/** Examples, readings, and descriptions by others, that are shown. */
const [EXAMPLES, READINGS, DESCRIBED] = [3, 4, 3];
/** Characters of a description. */
const LONGEST = 300;
/** Tokens of a context, before the token it is about and behind it. */
const [BEFORE, BEHIND] = [12, 5];

/** Text as text, whatever marks stand in it. */
export const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!~<>|&$"':@/^=]/g, (mark) => `&#${mark.charCodeAt(0)};`).replace(/\s+/g, ' ');

/** Its token stands out; white space that matters is visible. */
export function contextLine({ tokens, at }: ExampleContext): string {
  const [from, to] = [Math.max(0, at - BEFORE), at + 1 + BEHIND];
  const text = (some: readonly string[]): string => escaped(some.join('').replaceAll('\n', '↵'));
  const before = `${from > 0 ? '…' : ''}${text(tokens.slice(from, at))}`;
  const behind = `${text(tokens.slice(at + 1, to))}${to < tokens.length ? '…' : ''}`;
  return `${before}**${escaped(plainToken(tokens[at] ?? '')) || '∅'}**${behind}`;
}

const bars = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar a bin, on a logarithmic scale: most activations lie close to 0, and those that do not are what matters. */
export function textHistogram({ low, high, counts }: NeuronFigures['histogram']): string {
  const most = Math.log1p(Math.max(...counts, 1));
  const drawn = counts.map((size) => bars[size === 0 ? 0 : Math.max(1, Math.round((Math.log1p(size) / most) * (bars.length - 1)))] ?? ' ').join('');
  return `${significant(low, 2)} \`${drawn}\` ${significant(high, 2)}`;
}

const over = ({ tokens, finished }: { readonly tokens: number; readonly finished: boolean }): string => `${counted(tokens, 'token')}${finished ? '' : ' so far'}`;

const flagOf = ({ dead, dense }: Pick<NeuronFigures, 'dead' | 'dense'>): string => (dead ? ', dead' : dense ? ', dense' : '');

export function neuronLines(figures: NeuronFigures): readonly string[] {
  const { firingRate, mean, max, histogram, examples } = figures;
  return [
    `Fires on ${percent(firingRate)} of ${over(figures)}${flagOf(figures)}; mean ${significant(mean)}, maximum ${significant(max)}`,
    ...readingLines(figures),
    ...describedLines(figures),
    textHistogram(histogram),
    ...examples.slice(0, EXAMPLES).map(({ activation, context }) => `${significant(activation)} ${contextLine(context)}`),
  ];
}

/** "Reads as names 62%, quotation marks 30%; sure 0.81". */
function readingLines({ readings, sure }: NeuronFigures): readonly string[] {
  if (readings.length === 0) return [];
  const named = readings.slice(0, READINGS).map(({ label, share }) => `**${escaped(label)}** ${percent(share)}`);
  return [`Reads as ${named.join(', ')}${readings.length > READINGS ? ' and more' : ''}${sure === null ? '' : `; sure ${fixed(sure, 2)}`}`];
}

/** "gpt-4 says: quotation marks (score 0.71)". */
const describedLines = ({ described }: NeuronFigures): readonly string[] => described.slice(0, DESCRIBED).map(({ text, source, score }) =>
  `*${escaped(source)}* says: ${escaped(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)}${score === null ? '' : ` (score ${significant(score)})`}`);

/** Neurons that were found by a word, each with a link. */
export const foundLines = ({ found, of }: NeuronSearchResult, link: (address: string) => string): readonly string[] => [
  `${counted(of, 'neuron')} of the index fire${of === 1 ? 's' : ''} on it${of > found.length ? `; the ${found.length} with most of their examples on it:` : ':'}`,
  ...found.map(({ address, labels, share }) => `[${address}](${link(address)}) ${share === undefined ? '' : `${percent(share)} of its examples`}${labels.length > 0 ? `: ${escaped(labels.join('; '))}` : ''}`),
];

export function headLines(figures: HeadFigures): readonly string[] {
  return [
    `Strongest attention over ${over(figures)}, from a token to one that it reads:`,
    ...figures.examples.slice(0, EXAMPLES).map(({ weight, context, source }) => `${significant(weight)} ${contextLine(context)} → ${contextLine({ ...source.context, tokens: source.context.tokens.slice(0, source.context.at + 1) })}`),
  ];
}

/** "768 neurons: 0 dead, 31 dense; fire on 24.1% of 36 k tokens". */
export const layerLine = ({ neurons, dead, dense, firingRate, tokens }: NeuronLayer): string =>
  `${counted(neurons, 'neuron')}: ${dead} dead, ${dense} dense; fire on ${percent(firingRate)} of ${compact(tokens)} tokens`;
