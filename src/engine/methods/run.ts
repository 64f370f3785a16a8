/** Runs a prompt through the chain and streams each layer's attention as it is made. */
import type { PositionPredictions, RunParams, RunProgress, RunResult } from '../../shared/protocol/engineApi.ts';
import { topPredictions } from '../analysis/predictions.ts';
import { sparsePatterns } from '../analysis/patterns.ts';
import type { AddressEntry } from '../anatomy/addresses.ts';
import { toFloat32 } from '../ort/tensor.ts';
import { prepareInputs } from '../program/inputs.ts';
import type { KeptRun, ModelSession } from '../session.ts';
import { tokensOf } from './prompt.ts';

const TOP = 10;

/** Addresses of the patterns, by the tensor that holds them. */
function patternEntries(session: ModelSession): readonly AddressEntry[] {
  return session.addresses.filter((entry) => entry.address.endsWith('attn.hook_pattern'));
}

export async function runPrompt(session: ModelSession, params: RunParams, progress: (body: RunProgress) => void, signal: AbortSignal): Promise<RunResult> {
  const started = performance.now();
  const tokens = tokensOf(session, params.prompt);
  const program = session.getProgram();
  const { tensors, filled } = prepareInputs(session.model, session.types, session.anatomy.roles, tokens.map((token) => token.id), params.inputs ?? {});
  const run = session.keepRun(tokens);
  const entries = params.patterns ? patternEntries(session) : [];
  progress({ kind: 'started', run: run.id, stages: program.shape.cuts.length + 1, tokens, filled });

  let firstLayer = 0;
  const nan: string[] = [];
  const output = await program.run({
    inputs: tensors,
    taps: entries.map((entry) => entry.place.value),
    signal,
    onStage: (stage) => {
      for (const entry of entries) {
        const tensor = stage.taps.get(entry.place.value);
        if (!tensor) continue;
        const pattern = session.canonical(entry, tensor, tokens.length);
        const tower = entry.address.slice(0, entry.address.indexOf('blocks.'));
        run.patterns.set(`${tower}|${entry.layer}`, pattern);
        const layer = sparsePatterns(pattern, tower, entry.layer ?? 0);
        if (layer.nanRows.length > 0) nan.push(entry.address);
        firstLayer ||= performance.now() - started;
        progress({ kind: 'layer', run: run.id, layer });
      }
      progress({ kind: 'stage', run: run.id, stage: stage.stage, stages: stage.stages, ms: stage.ms });
    },
  });
  if (output.logits && session.anatomy.towers[0]?.logits) run.logits = { shape: output.logits.dims, data: toFloat32(output.logits) };
  const predictions = predictionsAt(session, run, tokens.length - 1, TOP);
  if (predictions?.nan) nan.push('logits');
  return { run: run.id, tokens, filled, predictions, nan, ms: { firstLayer, run: performance.now() - started } };
}

/** The most probable tokens after one position of a finished run. */
export function predictionsAt(session: ModelSession, run: KeptRun, position: number, top: number): PositionPredictions | null {
  const { logits } = run;
  if (!logits) return null;
  const vocab = logits.shape.at(-1) ?? 0;
  const at = Math.min(Math.max(position, 0), run.tokens.length - 1);
  return topPredictions(logits.data.subarray(at * vocab, (at + 1) * vocab), at, top, (id) => session.decode(id));
}
