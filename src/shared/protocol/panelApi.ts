/** The boundary between host and webviews: what each panel may ask of the host, and what the host tells it. */
import type { ErrorData } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { ExperimentOutcome } from '../experiment/result.ts';
import type { PanelView } from '../python/view.ts';
import type { ModelSummary, SourceLine } from '../summary.ts';
import type { EngineApi, Prompt, RunParams, RunResult } from './engineApi.ts';
import type { PreparedImage } from './imageApi.ts';
import type { NeuronFigures, NeuronIndexStanding, NeuronLayer } from '../neurons/figures.ts';
import type { ContextActivations, NeuronsHere, NeuronsHereParams } from '../neurons/here.ts';
import type { ReadingTrial } from '../neurons/readings.ts';
import type { NeuronQuery, NeuronSearchResult } from '../neurons/search.ts';
import type { SimilarNeurons } from '../neurons/similar.ts';
import type { ExperimentApi } from './experimentApi.ts';
import type { AttentionApi } from './attentionApi.ts';
import type { AverageApi } from './averageApi.ts';
import type { CompareApi } from './compareApi.ts';
import type { HeadApi } from './headApi.ts';
import type { LensApi } from './lensApi.ts';
import type { NeuronLiveApi } from './neuronLiveApi.ts';

/** What the engine of a panel's model is doing. */
export type EngineState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'busy'; readonly what: string }
  /** It died and is started again with the same model; `attempt` counts from 1. */
  | { readonly kind: 'restarting'; readonly attempt: number; readonly error: ErrorData }
  /** It died too often; only a person starts it again. */
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** Methods that every panel has. */
export interface CommonPanelApi {
  /** Puts text on the clipboard. */
  copy(params: { readonly text: string }): Promise<null>;
  /** Asks where to save and writes, a .png from base64; resolves with whether it was written. */
  save(params: { readonly name: string; readonly content: string }): Promise<boolean>;
  /** Opens a line of the exporter's record, where the file is found in the workspace. */
  openSource(params: { readonly source: SourceLine }): Promise<boolean>;
  /** Runs one of a few commands by name. */
  command(params: { readonly name: PanelCommand }): Promise<null>;
}

/** Commands that a panel may ask for; the host holds the table. */
export type PanelCommand = 'openAttention' | 'copyAsPython' | 'copyLensAsPython' | 'openOverview' | 'manageTrust' | 'restartEngine' | 'reloadModel' | 'showLog' | 'openSettings';

export type ModelState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'open'; readonly summary: ModelSummary }
  | { readonly kind: 'error'; readonly error: ErrorData };

export interface PanelModel {
  /** File name, for titles. */
  readonly title: string;
  readonly uri: string;
  readonly state: ModelState;
  readonly engine: EngineState;
  readonly trusted: boolean;
  /** The file on disk is no longer the one that is shown. */
  readonly changed: boolean;
  /** Small enough to be checked without being asked. */
  readonly checksItself: boolean;
}

export interface OverviewPanelApi extends CommonPanelApi {
  /** The first call; resolves when the model is read or has failed. */
  ready(params: Record<string, never>): Promise<PanelModel>;
  check: EngineApi['check'];
  addresses: EngineApi['addresses'];
  /** Opens the attention panel, perhaps at an address. */
  openAttention(params: { readonly address: string | null }): Promise<null>;
}

/** An image that a person chose. */
export interface ChosenImage {
  /** By which the host knows where it lies. */
  readonly id: string;
  /** Of the file, for people. */
  readonly name: string;
  readonly prepared: PreparedImage;
}

/** A run as a panel asks for it: `image` is the id of one that was chosen. */
export type PanelRunParams = Omit<RunParams, 'files'>;

export interface AttentionPanelApi extends CommonPanelApi {
  /** `open`: the address was asked for just now and is shown large; otherwise it was selected once. */
  ready(params: Record<string, never>): Promise<PanelModel & { readonly prompt: Prompt | null; readonly address: string | null; readonly open?: boolean; readonly image?: ChosenImage | null }>;
  tokenize: EngineApi['tokenize'];
  /** Asks which image; null where a person chooses none. Rejects as the engine's prepareImage does. */
  chooseImage(params: Record<string, never>): Promise<ChosenImage | null>;
  /** Reports RunProgress. */
  run(params: PanelRunParams): Promise<RunResult>;
  predictions: EngineApi['predictions'];
  patternTile: EngineApi['patternTile'];
  /** What lies behind an opened head's pattern. */
  attentionTile: AttentionApi['attentionTile'];
  /** What all heads write; reports HeadOutputsProgress. */
  headOutputs: AttentionApi['headOutputs'];
  headWrites: AttentionApi['headWrites'];
  /** Two prompts beside each other. */
  alignRuns: CompareApi['alignRuns'];
  patternDifference: CompareApi['patternDifference'];
  differenceTile: CompareApi['differenceTile'];
  /** The mean over a set of prompts; reports AverageProgress. */
  averagePatterns: AverageApi['averagePatterns'];
  averagedLayers: AverageApi['averagedLayers'];
  spreadTile: AverageApi['spreadTile'];
  /** Asks for a file with a prompt a line; null where a person leaves. */
  pickPrompts(params: Record<string, never>): Promise<PromptSet | null>;
  /** Scores every head against patterns; reports HeadScoresProgress. */
  headScores: HeadApi['headScores'];
  /** Tells the host what is typed and selected, so that nothing is lost when panel, host or engine go. */
  remember(params: { readonly prompt: Prompt; readonly address: string | null }): Promise<null>;
  /** Tells the host what is shown, for code that gets the same. */
  show(params: PanelView): Promise<null>;
}

/** The prompts of a file. */
export interface PromptSet {
  /** Its path in the workspace. */
  readonly name: string;
  readonly prompts: readonly string[];
  /** Lines with something in them that is no prompt. */
  readonly unread: number;
  /** Prompts beyond those that are taken. */
  readonly beyond: number;
}

/** The lens: states read as tokens, and a logit as a sum of what wrote it. */
export interface LensPanelApi extends CommonPanelApi {
  ready(params: Record<string, never>): Promise<PanelModel & { readonly prompt: Prompt | null }>;
  lens: LensApi['lens'];
  attribution: LensApi['attribution'];
  /** Opens the attention panel at a head. */
  openAttention: OverviewPanelApi['openAttention'];
  /** Tells the host what is typed, so that nothing is lost when panel, host or engine go. */
  remember(params: { readonly prompt: Prompt }): Promise<null>;
  /** Tells the host what is shown, for code that gets the same. */
  show(params: PanelView): Promise<null>;
}

/**
 * What a patching panel is to show. `experiment` may be a draft: a clean prompt without a corrupted one, or without a target.
 * `outcome` is what the host kept of this experiment; cells that were not run are NaN (a sweep that was cancelled, or whose panel was loaded anew).
 */
export interface PatchingState {
  readonly experiment: Experiment | null;
  /** The file that it was read from. */
  readonly source: { readonly uri: string; readonly name: string } | null;
  readonly outcome: ExperimentOutcome | null;
}

/** A run that the host keeps, the latest first. */
export interface HistoryEntry {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** "Activation patching by head, denoise: z", or the file's name. */
  readonly title: string;
  /** "L4H4 0.82 first of 32; 3 of 3 expectations passed" */
  readonly result: string;
  /** All cells were run. */
  readonly complete: boolean;
}

/**
 * The panel of interventions: one a model, and one an experiment's file. `experiment.model` is the panel's own model whatever a call says,
 * and other paths are absolute.
 */
export interface PatchingPanelApi extends CommonPanelApi {
  ready(params: Record<string, never>): Promise<PanelModel & PatchingState>;
  tokenize: EngineApi['tokenize'];
  addresses: EngineApi['addresses'];
  /**
   * Runs an experiment; reports ExperimentProgress. The host keeps the cells: where the engine dies it goes on with those that are missing, and
   * tells that as a `step`. `resume`: cells that it kept of the same experiment are not run again; they come first, as `cells`.
   */
  experiment(params: { readonly experiment: Experiment; readonly resume: boolean }): Promise<ExperimentOutcome>;
  patchedRun: ExperimentApi['patchedRun'];
  /** Lets a person choose a file with a direction: its path; null where none was chosen. */
  chooseDirection(params: Record<string, never>): Promise<string | null>;
  /** Opens the experiment beside as a document that has not been saved: the file, or the same in Python with TransformerLens. */
  showCode(params: { readonly experiment: Experiment; readonly language: 'json' | 'python' }): Promise<null>;
  /** Opens one cell's patched run against the run that was edited, as text in VS Code's diff editor. */
  showDiff(params: { readonly experiment: Experiment; readonly pair: number; readonly address: string }): Promise<null>;
  /** Runs of this model that are kept. */
  history(params: Record<string, never>): Promise<readonly HistoryEntry[]>;
  /** Shows a kept run in this panel, by the event `experiment`. */
  openHistory(params: { readonly id: string }): Promise<null>;
  /** Opens two kept results as text in VS Code's diff editor. */
  compareHistory(params: { readonly a: string; readonly b: string }): Promise<null>;
  /** Tells the host what is typed, so that nothing is lost when panel, host or engine go. */
  remember(params: { readonly experiment: Experiment }): Promise<null>;
  /** Opens the attention panel at a head. */
  openAttention: OverviewPanelApi['openAttention'];
}

/** An example of an index, by its row and its position in it. */
export type ExampleKey = Pick<ContextActivations, 'row' | 'position'>;

/** The panel of neurons: one a model. The host knows where the model's index lies. */
export interface NeuronPanelApi extends CommonPanelApi {
  /** `address`: the neuron that was asked for just now, or else shown last; `text`: what was typed last. */
  ready(params: Record<string, never>): Promise<PanelModel & { readonly address: string | null; readonly text: string }>;
  /** How the model's index stands to it; the first time reads all bytes of the model. */
  index(params: Record<string, never>): Promise<NeuronIndexStanding>;
  neuron(params: { readonly address: string }): Promise<NeuronFigures>;
  similar(params: { readonly address: string }): Promise<SimilarNeurons>;
  layers(params: Record<string, never>): Promise<readonly NeuronLayer[]>;
  /** Activations around examples, which their rows are run for. */
  shades(params: { readonly address: string; readonly examples: readonly ExampleKey[] }): Promise<readonly ContextActivations[]>;
  live: NeuronLiveApi['neuronLive'];
  search(params: NeuronQuery): Promise<NeuronSearchResult>;
  /** Which neurons fire on a token of a text, and which move the prediction there. */
  here(params: Pick<NeuronsHereParams, 'prompt' | 'position'>): Promise<NeuronsHere>;
  /** Tries the neuron's readings on a text; null: on a file that a person chooses. Resolves with null where they choose none. */
  test(params: { readonly address: string; readonly text: string | null }): Promise<ReadingTrial | null>;
  /** Asks which texts, and indexes them. */
  makeIndex(params: Record<string, never>): Promise<null>;
  /** Opens the text that an example stands in, at its token. `file` is relative to the index. Resolves with whether it is there. */
  openText(params: { readonly file: string; readonly record: number; readonly offset: number; readonly token: string }): Promise<boolean>;
  /** Tells the host what is shown and typed, so that nothing is lost when panel, host or engine go. */
  remember(params: { readonly address: string; readonly text: string }): Promise<null>;
}

/** Events from host to every panel; each carries a whole state, never a difference. */
export interface PanelEvents {
  readonly model: PanelModel;
  /** Show this address, asked for from tree, hover or overview. */
  readonly reveal: { readonly address: string };
  /** Take this prompt, asked for from a selection in an editor; attention panels only. */
  readonly prompt: { readonly prompt: Prompt };
  /** The index has more in it, or is another one; panels of neurons only. */
  readonly index: Record<string, never>;
  /** Take this experiment, and run it at once where `run` says so; patching panels only. */
  readonly experiment: PatchingState & { readonly run: boolean };
}
