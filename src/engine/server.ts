/** The engine's methods. One process serves one model; a second open replaces the first. */
import type { EngineApi } from '../shared/protocol/engineApi.ts';
import { CogscopeError } from '../shared/errors.ts';
import type { Handlers } from '../shared/rpc/connection.ts';
import { patternTile } from './analysis/patterns.ts';
import { frameReader } from './anatomy/source.ts';
import { sourceMapOf } from './anatomy/sourceMap.ts';
import { patternOfRun } from './methods/attention/layer.ts';
import { headOutputs } from './methods/attention/outputs.ts';
import { attentionTile } from './methods/attention/tile.ts';
import { headWrites } from './methods/attention/writes.ts';
import { capture } from './methods/capture.ts';
import { checkAnatomy } from './methods/check.ts';
import { averagedLayers, averagePatterns, spreadTile } from './methods/average.ts';
import { alignRuns, differenceTile, patternDifference } from './methods/compare.ts';
import { runExperiment } from './methods/experiment/experiment.ts';
import { patchedRun } from './methods/experiment/patchedRun.ts';
import { headScores } from './methods/headScores.ts';
import { neuronLive } from './methods/neuronLive.ts';
import { figuresOfHead, figuresOfNeuron, indexNeurons, indexStanding, layersOfIndex, searchIndex } from './methods/neurons.ts';
import { findRoles } from './methods/roles/roles.ts';
import { attribution } from './methods/lens/attribution.ts';
import { readLens } from './methods/lens/lens.ts';
import { exportActivations, exportIndex } from './methods/neuronExport.ts';
import { exampleActivations, neuronsHere } from './methods/neuronsHere.ts';
import { similarNeurons } from './methods/neuronsSimilar.ts';
import { testReadings } from './methods/neuronTrial.ts';
import { importDescriptions } from './neurons/described/import.ts';
import { parquetColumns } from './neurons/text/parquet.ts';
import { prepareImage } from './methods/prepareImage.ts';
import { predictionsAt, runPrompt } from './methods/run.ts';
import { tokenize } from './methods/tokenize.ts';
import { ModelSession } from './session.ts';
import type { SessionSettings } from './session.ts';

export function engineHandlers(settings: SessionSettings): Handlers<EngineApi> {
  let current: ModelSession | undefined;
  const session = (): ModelSession => {
    if (!current) throw new CogscopeError('usage', 'No model is open', 'Open a model first');
    return current;
  };
  return {
    open: async ({ path, tokenizer }) => {
      await current?.close();
      current = undefined;
      current = await ModelSession.open(path, tokenizer, settings);
      return current.summary;
    },
    addresses: () => session().addresses.map((entry) => ({ address: entry.address, tensor: entry.place.value.name, axes: entry.axes, layer: entry.layer })),
    sourceMap: () => {
      const { model, types, anatomy, addresses } = session();
      return sourceMapOf({ graph: model.graph, types, anatomy, addresses, frames: frameReader(model.records) });
    },
    check: (params, context) => checkAnatomy(session(), context.signal, params.image),
    tokenize: ({ prompt, tower }) => tokenize(session(), prompt, tower),
    prepareImage: ({ path }) => prepareImage(session(), path),
    run: (params, context) => runPrompt(session(), params, context.progress, context.signal),
    capture: (params, context) => capture(session(), params, context.progress, context.signal),
    experiment: (params, context) => runExperiment(session(), params, context.progress, context.signal),
    patchedRun: (params, context) => patchedRun(session(), params, context.signal),
    roles: (params, context) => findRoles(session(), params, context.progress, context.signal),
    predictions: ({ run, position, top }) => predictionsAt(session(), session().runs.get(run), position, Math.min(Math.max(top, 1), 100)),
    patternTile: (params) => patternTile(patternOfRun(session().runs.get(params.run), params), params.head, params),
    attentionTile: (params, context) => attentionTile(session(), params, context.signal),
    headOutputs: (params, context) => headOutputs(session(), params, context.progress, context.signal),
    headWrites: (params, context) => headWrites(session(), params, context.signal),
    alignRuns: (params) => alignRuns(session(), params),
    patternDifference: (params) => patternDifference(session(), params),
    differenceTile: (params) => differenceTile(session(), params),
    averagePatterns: (params, context) => averagePatterns(session(), params, context.progress, context.signal),
    averagedLayers: (params) => averagedLayers(session(), params),
    spreadTile: (params) => spreadTile(session(), params),
    lens: (params, context) => readLens(session(), params, context.progress, context.signal),
    attribution: (params, context) => attribution(session(), params, context.progress, context.signal),
    headScores: (params, context) => headScores(session(), params, context.progress, context.signal),
    textColumns: ({ path }) => parquetColumns(path),
    indexNeurons: (params, context) => indexNeurons(session(), params, context.progress, context.signal),
    neuronIndex: ({ db }) => indexStanding(session(), db),
    neuronFigures: ({ db, address }) => figuresOfNeuron(session(), db, address),
    headFigures: ({ db, address }) => figuresOfHead(session(), db, address),
    neuronLive: (params, context) => neuronLive(session(), params, context.signal),
    searchNeurons: ({ db, ...query }) => searchIndex(session(), db, query),
    similarNeurons: (params, context) => similarNeurons(session(), params, context.signal),
    testReadings: (params, context) => testReadings(session(), params, context.signal),
    neuronsHere: (params, context) => neuronsHere(session(), params, context.signal),
    exampleActivations: (params, context) => exampleActivations(session(), params, context.signal),
    importDescriptions: ({ db, file }) => importDescriptions(db, file),
    exportNeurons: (params, context) => exportIndex(params, context.progress, context.signal),
    exportActivations: (params, context) => exportActivations(session(), params, context.progress, context.signal),
    neuronLayers: ({ db }) => layersOfIndex(session(), db),
    release: async () => {
      await current?.release();
      return null;
    },
    status: () => ({ pid: process.pid, rss: process.memoryUsage.rss(), ...(current?.counts ?? { sessions: 0, runs: 0 }) }),
  };
}
