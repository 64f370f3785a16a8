/** What the host knows of each of the engine's methods. */
import type { EngineApi } from '../../shared/protocol/engineApi.ts';

export type EngineMethod = keyof EngineApi & string;

interface MethodFacts {
  /** "while it …" in the words for an engine that died. */
  readonly past: string;
  /** Takes long enough to be shown as the engine's state, as "…" in "Cogscope: …"; undefined where it is a moment. */
  readonly present?: string;
  /** Gives the model's bytes to native code, which only a trusted workspace may. */
  readonly needsTrust?: true;
}

export const methodFacts: Readonly<Record<EngineMethod, MethodFacts>> = {
  open: { past: 'read the model' },
  addresses: { past: 'listed the addresses' },
  sourceMap: { past: 'listed the lines of its code' },
  check: { past: 'checked the anatomy', present: 'checking the anatomy', needsTrust: true },
  tokenize: { past: 'read the prompt' },
  prepareImage: { past: 'prepared an image' },
  run: { past: 'ran the prompt', present: 'running', needsTrust: true },
  capture: { past: 'ran the prompt', present: 'running', needsTrust: true },
  experiment: { past: 'ran an experiment', present: 'running an experiment', needsTrust: true },
  patchedRun: { past: 'ran a patched prompt', present: 'running', needsTrust: true },
  predictions: { past: 'ranked predictions' },
  patternTile: { past: 'read a pattern' },
  roles: { past: 'tested heads for roles', present: 'testing heads for roles', needsTrust: true },
  attentionTile: { past: 'looked behind a pattern', needsTrust: true },
  headOutputs: { past: 'measured what heads write', present: 'measuring what heads write', needsTrust: true },
  headWrites: { past: 'read what a head writes', needsTrust: true },
  alignRuns: { past: 'aligned two prompts' },
  patternDifference: { past: 'compared patterns' },
  differenceTile: { past: 'compared patterns' },
  averagePatterns: { past: 'averaged patterns', present: 'averaging patterns', needsTrust: true },
  averagedLayers: { past: 'read averaged patterns' },
  spreadTile: { past: 'read the spread of a pattern' },
  lens: { past: 'read states as tokens', present: 'reading states as tokens', needsTrust: true },
  attribution: { past: 'took a logit apart', present: 'taking a logit apart', needsTrust: true },
  headScores: { past: 'scored heads', present: 'scoring heads', needsTrust: true },
  textColumns: { past: 'read the columns of a text' },
  indexNeurons: { past: 'indexed the neurons', present: 'indexing neurons', needsTrust: true },
  neuronIndex: { past: 'looked at the index of neurons' },
  neuronFigures: { past: 'looked a neuron up' },
  headFigures: { past: 'looked a head up' },
  searchNeurons: { past: 'looked for neurons' },
  similarNeurons: { past: 'looked for similar neurons' },
  testReadings: { past: 'tried readings on a text', present: 'running', needsTrust: true },
  neuronsHere: { past: 'looked which neurons fire', present: 'running', needsTrust: true },
  exampleActivations: { past: 'ran examples of a neuron', present: 'running', needsTrust: true },
  importDescriptions: { past: 'imported descriptions of neurons', present: 'importing descriptions' },
  exportNeurons: { past: 'exported the index', present: 'exporting' },
  exportActivations: { past: 'exported activations', present: 'running', needsTrust: true },
  neuronLayers: { past: 'summed up the layers' },
  neuronLive: { past: 'ran a text for one neuron', needsTrust: true },
  release: { past: 'freed its memory' },
  status: { past: 'told its state' },
};

/** The one of several that is most likely to be why an engine died: those that run native code first. */
export function heaviest(methods: readonly EngineMethod[]): EngineMethod | null {
  return methods.find((method) => methodFacts[method].needsTrust) ?? methods[0] ?? null;
}
