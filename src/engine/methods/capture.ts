/** One run with any taps, for the command line and exports: values in TransformerLens's shapes with their statistics. */
import type { CaptureParams, CaptureResult, TapResult } from '../../shared/protocol/engineApi.ts';
import { globMatcher } from '../../shared/addresses.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { AddressEntry } from '../anatomy/addresses.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { topPredictions } from '../analysis/predictions.ts';
import { toFloat32 } from '../ort/tensor.ts';
import { prepareInputs } from '../program/inputs.ts';
import type { ModelSession } from '../session.ts';
import { tokensOf } from './prompt.ts';

export async function capture(session: ModelSession, params: CaptureParams, signal: AbortSignal): Promise<CaptureResult> {
  const started = performance.now();
  const tokens = tokensOf(session, params.prompt);
  const entries = matching(session, params.taps);
  const program = session.getProgram();
  const { tensors, filled } = prepareInputs(session.model, session.types, session.anatomy.roles, tokens.map((token) => token.id), params.inputs ?? {});
  let firstLayer = 0;
  const output = await program.run({
    inputs: tensors, taps: entries.map((entry) => entry.place.value), signal,
    onStage: (stage) => {
      if (stage.stage === 2) firstLayer = performance.now() - started;
    },
  });
  const taps: Record<string, TapResult> = {};
  for (const entry of entries) {
    const tensor = output.taps.get(entry.place.value);
    if (tensor) taps[entry.address] = describe(session.canonical(entry, tensor, tokens.length), params.values);
  }
  const logits = output.logits && session.anatomy.towers[0]?.logits ? { shape: output.logits.dims, data: toFloat32(output.logits) } : null;
  const vocab = logits?.shape.at(-1) ?? 0;
  const predictions = logits ? tokens.map((_, position) =>
    topPredictions(logits.data.subarray(position * vocab, (position + 1) * vocab), position, params.top, (id) => session.decode(id))) : [];
  const { read, anatomy } = session.summary.ms;
  return {
    tokens, filled, predictions, taps,
    ...(params.values && logits ? { logits: { shape: [...logits.shape], data: logits.data } } : {}),
    ms: { open: read + anatomy, firstLayer, run: performance.now() - started },
  };
}

/** Addresses that globs or short forms ask for. Throws 'usage' for one that matches nothing. */
function matching(session: ModelSession, globs: readonly string[]): readonly AddressEntry[] {
  const chosen = new Set<AddressEntry>();
  for (const glob of globs) {
    const fits = globMatcher(glob);
    const found = session.addresses.filter((entry) => fits(entry.address));
    if (found.length === 0) throw new CogscopeError('usage', `No address of this model matches "${glob}"`, 'List them with "cogscope inspect --addresses"');
    for (const entry of found) chosen.add(entry);
  }
  return session.addresses.filter((entry) => chosen.has(entry));
}

function describe(array: CanonicalArray, values: boolean): TapResult {
  let [min, max, sum, squares, nan] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of array.data) {
    if (Number.isNaN(value)) {
      nan++;
      continue;
    }
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    squares += value * value;
  }
  const count = array.data.length - nan;
  return { shape: [...array.shape], min, max, mean: count === 0 ? NaN : sum / count, norm: Math.sqrt(squares), nan, ...(values ? { data: array.data } : {}) };
}
