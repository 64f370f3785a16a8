/** A set of prompts, and the mean pattern over it as a run of its own. Pure. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { ErrorData } from '../../../src/shared/errors.ts';
import { count, counted } from '../../../src/shared/format.ts';
import { MOST_PROMPTS } from '../../../src/shared/protocol/averageApi.ts';
import type { AveragedLayer, AverageParams, LeftOut } from '../../../src/shared/protocol/averageApi.ts';
import type { LayerPatterns, Prompt } from '../../../src/shared/protocol/engineApi.ts';
import type { PromptSet } from '../../../src/shared/protocol/panelApi.ts';
import { layerKey, placeOf } from './heads.ts';
import type { Head } from './heads.ts';
import { promptOf } from '../../lib/text/prompt.ts';
import { hasDecoder } from './read.ts';
import type { Run, State } from './state.ts';

/** A run that is not shown, with what was predicted at its end. */
export type Aside = Pick<State, 'run' | 'predictions'>;

export interface AverageSet {
  /** As typed or pasted, a prompt a line. */
  readonly text: string;
  /** The prompts of a file, in place of what is typed. */
  readonly file: PromptSet | null;
  /** What `run` of the state is: the prompt's, or the mean. */
  readonly shown: 'prompt' | 'mean';
  /** Is to be averaged as soon as that can be. */
  readonly asked: boolean;
  readonly error: ErrorData | null;
  /** The other of the two. */
  readonly aside: Aside;
}

/** What the run of a mean is of. */
export interface Mean {
  /** Prompts that it is over so far, and will be in the end. */
  readonly prompts: number;
  readonly of: number;
  /** The set as it was asked for. */
  readonly set: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Standard deviations in the slots of the layers' weights, by the layer's key. */
  readonly spreads: ReadonlyMap<string, Float32Array>;
}

export const emptySet: AverageSet = { text: '', file: null, shown: 'prompt', asked: false, error: null, aside: { run: null, predictions: null } };

/** The prompts of the set, as they are written. */
export const setOf = ({ text, file }: AverageSet): readonly string[] => file?.prompts ?? text.split(/\r?\n/).filter((line) => line.trim() !== '');

/** What the engine is asked; an error where there are too many, or a line of ids cannot be read. */
export function askedOf(state: State, set: readonly string[]): AverageParams | ErrorData {
  const { draft } = state;
  if (set.length > MOST_PROMPTS) return new CogscopeError('usage', `The set has ${counted(set.length, 'prompt')}, and at most ${count(MOST_PROMPTS)} are averaged`, 'Leave some out').data;
  const prompts: Prompt[] = [];
  let others: AverageParams['others'] = {};
  for (const [index, text] of set.entries()) {
    const read = promptOf({ ...draft, [draft.mode]: text }, hasDecoder(state));
    if (!read.ok) return { ...read.error, what: `Prompt ${index + 1}: ${read.error.what}` };
    prompts.push(read.prompt);
    others = Object.fromEntries(Object.entries(read.prompts ?? {}).map(([name, prompt]) => [name, [prompt]]));
  }
  return { prompts, others };
}

/** The mean with a layer as it is after more prompts. */
export function withLayers(run: Run, mean: Mean, prompts: number, layers: readonly AveragedLayer[]): Run {
  const [patterns, spreads] = [new Map(run.layers), new Map(mean.spreads)];
  for (const { patterns: layer, spread } of layers) {
    patterns.set(layerKey(placeOf(layer)), layer);
    spreads.set(layerKey(placeOf(layer)), spread);
  }
  return { ...run, layers: patterns, mean: { ...mean, prompts, spreads } };
}

/** The standard deviation of a cell; undefined where it was not sent, NaN of a single prompt. */
export function spreadAt(mean: Mean, layer: LayerPatterns, { head, ...place }: Head, row: number, col: number): number | undefined {
  const start = (head * layer.rows + row) * layer.perRow;
  for (let slot = start; slot < start + layer.perRow; slot++) if (layer.keys[slot] === col) return mean.spreads.get(layerKey(place))?.[slot];
  return undefined;
}

/** "mean over 8 prompts", and of how many where it is not over all yet. */
export const meanWords = ({ prompts, of }: Mean): string => `mean over ${prompts < of ? `${prompts} of ` : ''}${counted(of, 'prompt')}`;
