/** What each method of a panel may be given. Bounds are far above what a panel needs and far below what could harm. Pure. */
import { attentionViews } from '../../shared/protocol/attentionApi.ts';
import type { AttentionTileParams, HeadWritesParams } from '../../shared/protocol/attentionApi.ts';
import type { Prompt } from '../../shared/protocol/engineApi.ts';
import { MOST_PROMPTS } from '../../shared/protocol/averageApi.ts';
import type { AverageParams } from '../../shared/protocol/averageApi.ts';
import type { ScoredText } from '../../shared/protocol/headApi.ts';
import type { AttributionParams, LensParams } from '../../shared/protocol/lensApi.ts';
import type { AttentionPanelApi, CommonPanelApi, ExampleKey, LensPanelApi, NeuronPanelApi, OverviewPanelApi, PanelCommand, PanelRunParams, PatchingPanelApi } from '../../shared/protocol/panelApi.ts';
import type { NeuronQuery } from '../../shared/neurons/search.ts';
import type { Params } from '../../shared/rpc/connection.ts';
import type { SourceLine } from '../../shared/summary.ts';
import { flag, list, number, object, oneOf, orNull, table, text, union, whole, withOptional } from './check.ts';
import type { Check } from './check.ts';
import { experiment } from './experimentParams.ts';
import { detection, MANY, prompt, PROMPT_CHARACTERS, PROMPT_TOKENS, token } from './promptParams.ts';
import { panelView } from './viewParams.ts';

export type ParamChecks<T> = { readonly [K in keyof T]: Check<Params<T, K>> };

/** A table of every weight of a 4,096-token head, and a picture of it, stay below. */
const SAVED_CHARACTERS = 512 << 20;
const ADDRESS = 200;
const PATH = 4096;

const nothing = object<Record<string, never>>({});
const address = text(ADDRESS);

const sourceLine = object<SourceLine>({ file: text(PATH), line: whole(0, MANY), code: text(PATH) });

export const panelCommands: readonly PanelCommand[] = ['openAttention', 'copyAsPython', 'copyLensAsPython', 'openOverview', 'manageTrust', 'restartEngine', 'reloadModel', 'showLog', 'openSettings'];

const common: ParamChecks<CommonPanelApi> = {
  copy: object({ text: text(SAVED_CHARACTERS) }),
  save: object({ name: text(PATH), content: text(SAVED_CHARACTERS) }),
  openSource: object({ source: sourceLine }),
  command: object({ name: oneOf(panelCommands) }),
};

export const overviewParams: ParamChecks<OverviewPanelApi> = {
  ...common,
  ready: nothing,
  check: nothing,
  addresses: nothing,
  openAttention: object({ address: orNull(address) }),
};

/** What the host keeps of an attention panel. */
export const remembered = object<Params<AttentionPanelApi, 'remember'>>({ prompt, address: orNull(address) });

export const headScoresParams = object<Params<AttentionPanelApi, 'headScores'>>({
  text: union<ScoredText>({
    repeated: object({ kind: oneOf(['repeated']) }),
    prompts: object({ kind: oneOf(['prompts']), prompts: list(prompt, MOST_PROMPTS) }),
    run: object({ kind: oneOf(['run']), run: whole(0, MANY) }),
  }),
  patterns: list(detection, 20),
});

const layerPlace = { tower: text(ADDRESS), attention: oneOf(['self', 'cross']), layer: whole(0, MANY) };
const headPlace = { run: whole(0, MANY), ...layerPlace, head: whole(0, MANY) };
const twoRuns = { a: whole(0, MANY), b: whole(0, MANY) };
const bounds = { row: whole(0, MANY), rows: whole(0, MANY), col: whole(0, MANY), cols: whole(0, MANY) };

export const attentionParams: ParamChecks<AttentionPanelApi> = {
  ...common,
  ready: nothing,
  tokenize: object({ prompt }),
  chooseImage: nothing,
  run: withOptional<Pick<PanelRunParams, 'prompt' | 'patterns'>, Required<Pick<PanelRunParams, 'inputs' | 'prompts' | 'image'>>>(object({ prompt, patterns: flag }), { image: text(ADDRESS), inputs: table(list(number, PROMPT_TOKENS), 100), prompts: table(prompt, 10) }),
  predictions: object({ run: whole(0, MANY), position: whole(0, MANY), top: whole(1, 1000) }),
  patternTile: object({ ...headPlace, ...bounds }),
  attentionTile: withOptional<Omit<AttentionTileParams, 'target' | 'distractor'>, Required<Pick<AttentionTileParams, 'target'>>>(object({ ...headPlace, ...bounds, view: oneOf(attentionViews) }), { target: token }),
  headOutputs: object({ run: whole(0, MANY), target: orNull(token) }),
  headWrites: withOptional<Omit<HeadWritesParams, 'source'>, Required<Pick<HeadWritesParams, 'source'>>>(
    object({ ...headPlace, position: whole(0, MANY), top: whole(1, 100) }), { source: object({ position: whole(0, MANY), reads: oneOf(['state', 'embedding']) }) }),
  alignRuns: object(twoRuns),
  patternDifference: object({ ...twoRuns, ...layerPlace }),
  differenceTile: object({ ...twoRuns, ...layerPlace, head: whole(0, MANY), ...bounds }),
  averagePatterns: withOptional<Pick<AverageParams, 'prompts'>, Required<Pick<AverageParams, 'others'>>>(object({ prompts: list(prompt, MOST_PROMPTS) }), { others: table(list(prompt, MOST_PROMPTS), 10) }),
  averagedLayers: object({ run: whole(0, MANY) }),
  spreadTile: object({ ...headPlace, ...bounds }),
  pickPrompts: nothing,
  headScores: headScoresParams,
  remember: remembered,
  show: panelView,
};

/** What the host keeps of a panel of neurons. */
export const rememberedNeuron = object<Params<NeuronPanelApi, 'remember'>>({ address, text: text(PROMPT_CHARACTERS) });

const MOST_EXAMPLES = 256;

export const neuronParams: ParamChecks<NeuronPanelApi> = {
  ...common,
  ready: nothing,
  index: nothing,
  neuron: object({ address }),
  similar: object({ address }),
  layers: nothing,
  shades: object({ address, examples: list(object<ExampleKey>({ row: whole(0, MANY), position: whole(0, MANY) }), MOST_EXAMPLES) }),
  live: object({ prompt, address }),
  search: withOptional<Record<never, never>, NeuronQuery>(object({}), { token: text(ADDRESS), output: text(ADDRESS), described: text(ADDRESS), rateFrom: number, rateTo: number, layer: whole(0, MANY), limit: whole(1, 1000) }),
  here: object({ prompt, position: whole(0, MANY) }),
  test: object({ address, text: orNull(text(PROMPT_CHARACTERS)) }),
  makeIndex: nothing,
  openText: object({ file: text(PATH), record: whole(0, MANY), offset: whole(0, MANY), token: text(PATH) }),
  remember: rememberedNeuron,
};

const POSITIONS = list(whole(-MANY, MANY), PROMPT_TOKENS);

export const lensParams: ParamChecks<LensPanelApi> = {
  ...common,
  ready: nothing,
  lens: withOptional<Pick<LensParams, 'prompt'>, Required<Pick<LensParams, 'prompts' | 'positions' | 'target' | 'distractor' | 'top' | 'mid'>>>(
    object({ prompt }), { prompts: table(prompt, 10), positions: POSITIONS, target: orNull(token), distractor: orNull(token), top: whole(1, 100), mid: flag }),
  attribution: withOptional<Pick<AttributionParams, 'prompt' | 'target'>, Required<Pick<AttributionParams, 'prompts' | 'positions' | 'distractor'>>>(
    object({ prompt, target: token }), { prompts: table(prompt, 10), positions: POSITIONS, distractor: orNull(token) }),
  openAttention: overviewParams.openAttention,
  remember: object({ prompt }),
  show: panelView,
};

const pair = whole(0, MANY);
const id = text(ADDRESS);

export const patchingParams: ParamChecks<PatchingPanelApi> = {
  ...common,
  ready: nothing,
  tokenize: withOptional<{ readonly prompt: Prompt }, { readonly tower: string }>(object({ prompt }), { tower: text(ADDRESS) }),
  addresses: nothing,
  experiment: object({ experiment, resume: flag }),
  patchedRun: object({ experiment, pair, address }),
  chooseDirection: nothing,
  showCode: object({ experiment, language: oneOf(['json', 'python']) }),
  showDiff: object({ experiment, pair, address }),
  history: nothing,
  openHistory: object({ id }),
  compareHistory: object({ a: id, b: id }),
  remember: object({ experiment }),
  openAttention: overviewParams.openAttention,
};
