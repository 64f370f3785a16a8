/** The boundary between host and webviews: what each panel may ask of the host, and what the host tells it. */
import type { ErrorData } from '../errors.ts';
import type { ModelSummary, SourceLine } from '../summary.ts';
import type { EngineApi, Prompt } from './engineApi.ts';

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
  /** Asks where to save and writes; resolves with whether it was written. */
  save(params: { readonly name: string; readonly content: string }): Promise<boolean>;
  /** Opens a line of the exporter's record, where the file is found in the workspace. */
  openSource(params: { readonly source: SourceLine }): Promise<boolean>;
  /** Runs one of a few commands by name. */
  command(params: { readonly name: PanelCommand }): Promise<null>;
}

/** Commands that a panel may ask for; the host holds the table. */
export type PanelCommand = 'openAttention' | 'openOverview' | 'manageTrust' | 'restartEngine' | 'reloadModel' | 'showLog' | 'openSettings';

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

export interface AttentionPanelApi extends CommonPanelApi {
  /** `open`: the address was asked for just now and is shown large; otherwise it was selected once. */
  ready(params: Record<string, never>): Promise<PanelModel & { readonly prompt: Prompt | null; readonly address: string | null; readonly open?: boolean }>;
  tokenize: EngineApi['tokenize'];
  run: EngineApi['run'];
  predictions: EngineApi['predictions'];
  patternTile: EngineApi['patternTile'];
  /** Tells the host what is typed and selected, so that nothing is lost when panel, host or engine go. */
  remember(params: { readonly prompt: Prompt; readonly address: string | null }): Promise<null>;
}

/** Events from host to every panel; each carries a whole state, never a difference. */
export interface PanelEvents {
  readonly model: PanelModel;
  /** Show this address, asked for from tree, hover or overview. */
  readonly reveal: { readonly address: string };
  /** Take this prompt, asked for from a selection in an editor; attention panels only. */
  readonly prompt: { readonly prompt: Prompt };
}
