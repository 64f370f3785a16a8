/** What an index tells of a neuron or a head, for a person at a terminal. */
import { count, counted, percent } from '../../shared/format.ts';
import type { ExampleContext, HeadFigures, NeuronFigures, OutputTokens, TokenEffect } from '../../shared/neurons/figures.ts';
import type { NeuronHere, NeuronsHere } from '../../shared/neurons/here.ts';
import type { ReadingTrial, RuleTrial } from '../../shared/neurons/readings.ts';
import type { NeuronSearchResult } from '../../shared/neurons/search.ts';
import type { SimilarList, SimilarNeurons } from '../../shared/neurons/similar.ts';
import { plainToken } from '../../shared/visible.ts';
import { figure } from './figures.ts';
import { clip, table } from './layout.ts';

/** Examples that are listed; --json has all. */
const LISTED = 12;
/** Characters of the longest bar of a histogram. */
const BAR = 40;
/** Of a context, before its token and behind it. */
const [BEFORE, BEHIND] = [28, 14];

export function neuronText(figures: NeuronFigures, similar: Omit<SimilarNeurons, 'address'>): string {
  const { address, tokens, finished, firingRate, mean, max, dead, dense, histogram, examples, outputTokens } = figures;
  const flag = dead ? ', dead: it fires on no token' : dense ? ', dense: it fires on more than half of the tokens' : '';
  return sections([
    [`${address} over ${counted(tokens, 'token')}${unfinished(finished)}`, `Fires on ${percent(firingRate)} of the tokens${flag}; mean ${figure(mean)}, maximum ${figure(max)}`],
    readingLines(figures),
    ...(figures.described.length > 0 ? [describedLines(figures)] : []),
    histogramLines(histogram),
    examples.length === 0 ? ['No examples yet'] : [
      'Strongest examples, and the share of tokens that activate it no more',
      ...table(examples.slice(0, LISTED).map(({ activation, quantile, context }) => [figure(activation), percent(quantile), inContext(context)]), { indent: 2, right: [0, 1] }),
    ],
    outputLines(outputTokens),
    similarLines('Neurons that write alike, by the cosine of their output weights', similar.weights),
    similarLines('Neurons that fire alike, by the overlap (Jaccard) of the places of their strongest examples', similar.examples),
  ]);
}

function readingLines({ readings, meanings, sure }: NeuronFigures): readonly string[] {
  if (readings.length === 0) return ['No readings yet'];
  const title = `${counted(meanings, 'meaning')}${sure === null ? '' : `, agreement on held-out examples beyond chance ${figure(sure)}`}`;
  return [title, ...table([['share', 'score', 'mean', ''], ...readings.map(({ share, score, activation, label }) => [percent(share), figure(score), figure(activation), label])], { indent: 2, right: [0, 1, 2] })];
}

function describedLines({ described }: NeuronFigures): readonly string[] {
  return ['Described by others, imported', ...table(described.map(({ source, score, text }) => [clip(source, 30), score === null ? '' : figure(score), text]), { indent: 2, right: [1] })];
}

function outputLines(output: OutputTokens): readonly string[] {
  if (output.kind === 'none') return [`What it writes is not known: ${output.reason}`];
  const rows = output.top.map((raised, at) => [...cells(raised), ...cells(output.bottom[at])]);
  return ['What an activation of 1 adds to the logits on the direct way', ...table([['raises', '', 'lowers', ''], ...rows], { indent: 2, right: [1, 3] })];
}

function similarLines(title: string, list: SimilarList): readonly string[] {
  if (list.kind === 'none') return [title, `  None is known: ${list.reason}`];
  if (list.neurons.length === 0) return [title, '  None'];
  return [title, ...table(list.neurons.map(({ address, similarity, labels }) => [address, figure(similarity), labels[0] ?? '']), { indent: 2, right: [1] })];
}

const cells = (token: TokenEffect | undefined): readonly string[] => (token ? [clip(plainToken(token.token), 20), figure(token.effect)] : ['', '']);

export function headText({ address, tokens, finished, examples }: HeadFigures): string {
  return sections([
    [`${address} over ${counted(tokens, 'token')}${unfinished(finished)}`],
    examples.length === 0 ? ['No pairs yet'] : [
      'Strongest attention, from a token to one before it; the first position is left out',
      ...table(examples.slice(0, LISTED).flatMap(({ weight, context, source }) => [[figure(weight), 'from', inContext(context)], ['', 'to', inContext(source.context)]]), { indent: 2, right: [0] }),
    ],
  ]);
}

export function hereText({ token, position, target, firing, moving, noEffects }: NeuronsHere): string {
  const hasIndex = firing.some(({ ofMax }) => ofMax !== null);
  const rows = (neurons: readonly NeuronHere[]): readonly string[] => table([
    ['', 'activation', 'of maximum', 'effect', 'readings'],
    ...neurons.map(({ address, activation, ofMax, effect, labels }) => [address, figure(activation), ofMax === null ? '' : percent(ofMax), effect === null ? '' : figure(effect), labels.join('; ')]),
  ], { indent: 2, right: [1, 2, 3] });
  return sections([
    [`“${plainToken(token)}” at position ${position}; effects are on the logit of “${plainToken(target.token)}” behind it`],
    firing.length === 0 ? ['No neuron fires here'] : [hasIndex ? 'Neurons that fire, by the share of their maximum in the index' : 'Neurons that fire, by activation; an index (--db FILE) adds their maxima and readings', ...rows(firing)],
    noEffects !== '' ? [`What they add to the logit is not known: ${noEffects}`] : [`Neurons that move “${plainToken(target.token)}” most, by what they add to its logit on the direct way`, ...rows(moving)],
  ]);
}

export function searchText({ found, of }: NeuronSearchResult): string {
  if (of === 0) return 'No neuron is like that\n';
  const said = found.some(({ described }) => described !== undefined);
  const rows = found.map(({ address, firingRate, max, share, effect, labels, described }) => [
    address, percent(firingRate), figure(max), share === undefined ? '' : percent(share), effect === undefined ? '' : figure(effect), labels.join('; '), ...(said ? [described === undefined ? '' : `“${described.text}” (${described.source})`] : []),
  ]);
  return `${[`${counted(of, 'neuron')}${of > found.length ? `, ${found.length} of them` : ''}`, ...table([['', 'fires', 'maximum', 'examples', 'effect', 'readings', ...(said ? ['described by others'] : [])], ...rows], { indent: 2, right: [1, 2, 3, 4] })].join('\n')}\n`;
}

export function trialText({ address, tokens, fires, threshold, readings, together }: ReadingTrial): string {
  const cells = ({ holds, precision, recall, correlation }: RuleTrial): readonly string[] => [count(holds), ...[precision, recall].map((share) => (share === null ? '' : percent(share))), correlation === null ? '' : figure(correlation)];
  const rows = [...readings.map((one) => [...cells(one), one.label]), ...(readings.length === 1 ? [] : [[...cells(together), 'all of them']])];
  return sections([
    [`${address} fires on ${count(fires)} of ${counted(tokens, 'token')}, with ${figure(threshold)} or more`],
    readings.length === 0 ? ['It has no reading that could be tried'] : [...table([['holds for', 'precision', 'recall', 'correlation', ''], ...rows], { right: [0, 1, 2, 3] })],
  ]);
}

const sections = (parts: readonly (readonly string[])[]): string => `${parts.map((part) => part.join('\n')).join('\n\n')}\n`;
const unfinished = (finished: boolean): string => (finished ? '' : ' so far: the index is not finished');

function histogramLines({ low, high, counts, sampled }: NeuronFigures['histogram']): readonly string[] {
  const most = Math.max(...counts, 1);
  const width = (high - low) / counts.length;
  const rows = counts.map((size, bin) => [`${figure(low + bin * width)}`, count(size), '#'.repeat(Math.ceil((size / most) * BAR))]);
  return [`Activations of ${counted(sampled, 'token')}, by where their bin begins`, ...table(rows, { indent: 2, right: [0, 1] })];
}

/** The token in brackets, with what stands around it. */
function inContext({ tokens, at }: ExampleContext): string {
  const shown = tokens.map(plainToken);
  const before = [...shown.slice(0, at).join('')];
  const cut = before.length > BEFORE ? `…${before.slice(1 - BEFORE).join('')}` : before.join('');
  return `${cut}[${shown[at] ?? ''}]${clip(shown.slice(at + 1).join(''), BEHIND)}`;
}
