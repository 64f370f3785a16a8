/** The host's side of a panel under test: the real engine on a model, and the host's own few methods. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { engineHandlers } from '../../src/engine/server.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { EngineApi, Prompt } from '../../src/shared/protocol/engineApi.ts';
import type { AttentionPanelApi, ChosenImage, CommonPanelApi, LensPanelApi, NeuronPanelApi, OverviewPanelApi, PanelModel, PatchingPanelApi, PatchingState } from '../../src/shared/protocol/panelApi.ts';
import type { CallContext, Handlers, Params, Result } from '../../src/shared/rpc/connection.ts';
import { patchingHost } from './patchingHost.ts';

type PatchingMethods = 'experiment' | 'patchedRun' | 'chooseDirection' | 'showCode' | 'showDiff' | 'history' | 'openHistory' | 'compareHistory';

/** What any panel may ask for: the host's own methods, and those of the engine that it passes on. */
export interface PanelHostApi extends CommonPanelApi, Pick<EngineApi, 'check' | 'addresses' | 'tokenize' | 'predictions' | 'patternTile' | 'headScores' | 'attentionTile' | 'headOutputs' | 'headWrites' | 'alignRuns' | 'patternDifference' | 'differenceTile' | 'averagePatterns' | 'averagedLayers' | 'spreadTile' | 'lens' | 'attribution'>, Pick<AttentionPanelApi, 'chooseImage' | 'pickPrompts' | 'run'>, Pick<PatchingPanelApi, PatchingMethods>, Pick<NeuronPanelApi, 'index' | 'neuron' | 'similar' | 'layers' | 'shades' | 'live' | 'search' | 'here' | 'test' | 'makeIndex' | 'openText'> {
  ready(params: Record<string, never>): Promise<PanelModel & PatchingState & Pick<Result<AttentionPanelApi, 'ready'>, 'prompt' | 'address' | 'image'> & Pick<Result<NeuronPanelApi, 'ready'>, 'text'>>;
  openAttention: OverviewPanelApi['openAttention'];
  show: AttentionPanelApi['show'];
  remember(params: Params<AttentionPanelApi, 'remember'> | Params<PatchingPanelApi, 'remember'> | Params<NeuronPanelApi, 'remember'> | Params<LensPanelApi, 'remember'>): Promise<null>;
}

export interface HostOptions {
  /** Path of a model; null: there is none, and `host` says what the panel is told. */
  readonly path: string | null;
  /** What the host says about the model, over "open, ready, trusted, unchanged". */
  readonly host?: Partial<PanelModel>;
  /** What `ready` of the attention panel brings back. */
  readonly prompt?: Prompt | null;
  readonly address?: string | null;
  /** Image files, as a person chooses them in turn; without one the dialog is closed. */
  readonly images?: readonly string[];
  /** What `ready` of the patching panel brings back. */
  readonly patching?: Partial<PatchingState>;
  /** The index of the panel of neurons. */
  readonly db?: string;
  /** Handlers over the real ones, which they may call. */
  readonly handlers?: (real: Handlers<PanelHostApi>) => Partial<Handlers<PanelHostApi>>;
}

export interface PanelHost {
  readonly handlers: Handlers<PanelHostApi>;
  change(change: Partial<PanelModel>): PanelModel;
}

export async function panelHost(options: HostOptions): Promise<PanelHost> {
  const { path } = options;
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  let model: PanelModel = {
    title: basename(path ?? 'model.onnx'),
    uri: path === null ? 'file:///model.onnx' : pathToFileURL(path).href,
    state: path === null ? { kind: 'loading' } : await opened(engine, path),
    engine: { kind: 'ready' },
    trusted: true,
    changed: false,
    checksItself: false,
    ...options.host,
  };
  let prompt = options.prompt ?? null;
  let address = options.address ?? null;
  const patching = patchingHost(engine, path ?? '', options.patching ?? {});
  let text = '';
  const images = [...options.images ?? []];
  let chosen: ChosenImage | null = null;
  let chosenPath = '';
  const { db = '/nowhere/index.db' } = options;
  const real: Handlers<PanelHostApi> = {
    check: engine.check,
    addresses: engine.addresses,
    tokenize: engine.tokenize,
    chooseImage: async (_, context) => {
      const next = images.shift();
      if (next === undefined) return null;
      chosen = { id: '1', name: basename(next), prepared: await engine.prepareImage({ path: next }, context) };
      chosenPath = next;
      return chosen;
    },
    run: ({ image, ...params }, context) => engine.run({ ...params, ...(image === undefined ? {} : { image: chosenPath }) }, context),
    predictions: engine.predictions,
    patternTile: engine.patternTile,
    headScores: engine.headScores,
    attentionTile: engine.attentionTile,
    headOutputs: engine.headOutputs,
    headWrites: engine.headWrites,
    alignRuns: engine.alignRuns,
    patternDifference: engine.patternDifference,
    differenceTile: engine.differenceTile,
    averagePatterns: engine.averagePatterns,
    averagedLayers: engine.averagedLayers,
    spreadTile: engine.spreadTile,
    pickPrompts: () => null,
    lens: engine.lens,
    attribution: engine.attribution,
    ...patching.handlers,
    index: (_, context) => engine.neuronIndex({ db }, context),
    neuron: (params, context) => engine.neuronFigures({ ...params, db }, context),
    similar: (params, context) => engine.similarNeurons({ ...params, db }, context),
    layers: (_, context) => engine.neuronLayers({ db }, context),
    shades: (params, context) => engine.exampleActivations({ ...params, db }, context),
    live: engine.neuronLive,
    search: (query, context) => engine.searchNeurons({ ...query, db }, context),
    here: (params, context) => engine.neuronsHere({ ...params, db: options.db ?? null, target: null }, context),
    test: ({ address: one, text: typed }, context) => (typed === null ? null : engine.testReadings({ db, address: one, text: { kind: 'typed', text: typed } }, context)),
    makeIndex: () => null,
    openText: () => true,
    ready: () => ({ ...model, prompt, address, text, image: chosen, ...patching.state() }),
    remember: (remembered) => {
      if ('prompt' in remembered) ({ prompt, address = address } = { address, ...remembered });
      else if ('text' in remembered) ({ text, address } = remembered);
      else patching.remember(remembered.experiment);
      return null;
    },
    show: () => null,
    copy: () => null,
    save: () => true,
    openSource: () => true,
    command: () => null,
    openAttention: () => null,
  };
  return {
    handlers: { ...real, ...options.handlers?.(real) },
    change: (change) => {
      model = { ...model, ...change };
      return model;
    },
  };
}

async function opened(engine: Handlers<EngineApi>, path: string): Promise<PanelModel['state']> {
  const context: CallContext = { signal: new AbortController().signal, progress: () => undefined };
  try {
    return { kind: 'open', summary: await engine.open({ path, tokenizer: null }, context) };
  } catch (error) {
    return { kind: 'error', error: CogscopeError.describe(error) };
  }
}
