/** What each head of a finished run writes at each position: how long it is, and what it adds to a logit. The model is run once more, and layers are told as they come. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { AllHeadOutputs, HeadOutputs, HeadOutputsParams, HeadOutputsProgress } from '../../../shared/protocol/attentionApi.ts';
import { alongThrough, normsThrough } from '../../analysis/attention/moved.ts';
import { readOutputMap } from '../../analysis/outputMap.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import { predictingTower } from '../../program/chain.ts';
import { inputsOf } from '../../keptRuns.ts';
import type { KeptRun } from '../../keptRuns.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { ModelSession } from '../../session.ts';
import { attentionPlace } from '../patterns.ts';
import { attentionAt, headMap } from './layer.ts';
import { wayToLogit } from './toLogit.ts';
import type { ToLogit } from './toLogit.ts';

export async function headOutputs(session: ModelSession, { run: id, target, distractor }: HeadOutputsParams, progress: (body: HeadOutputsProgress) => void, signal: AbortSignal): Promise<AllHeadOutputs> {
  const run = session.runs.get(id);
  const inputs = inputsOf(run);
  const way = target === undefined || target === null ? null : await wayToLogit(session, run, { target, distractor }, signal);
  const entries = session.addresses.filter(({ address }) => address.endsWith('attn.hook_z'));
  if (entries.length === 0) throw session.refusalOf((address) => address.endsWith('attn.hook_z')) ?? new CogscopeError('refused', 'What the model’s heads mix is not recognised', 'See its overview for the reasons');
  const layers: HeadOutputs[] = [];
  const notes: string[] = [];
  const missing = new Set(entries);
  await session.getProgram().run({
    inputs, taps: entries.map(({ place }) => place.value), passing: true, logits: 'none', signal,
    onStage: ({ taps }) => {
      for (const entry of missing) {
        const tensor = taps.get(entry.place.value);
        if (!tensor) continue;
        missing.delete(entry);
        const made = outputsOf(session, run, entry, tensor, way);
        if (typeof made === 'string') notes.push(made);
        else {
          layers.push(made);
          progress({ layer: made, done: entries.length - missing.size, of: entries.length });
        }
      }
    },
  });
  return { layers, target: way?.target ?? null, distractor: way?.distractor ?? null, notes };
}

/** A layer's outputs, or why there are none. */
function outputsOf(session: ModelSession, run: KeptRun, entry: AddressEntry, tensor: Tensor, way: ToLogit | null): HeadOutputs | string {
  const place = attentionPlace(entry);
  const predicts = predictingTower(session.anatomy)?.name === entry.tower.name;
  const z = session.canonical(entry, tensor, run.towers.get(entry.tower.name)?.length ?? null);
  const [, rows = 0, heads = 0] = z.shape;
  try {
    const map = headMap({ heads, z, map: readOutputMap(session.model, attentionAt(session, place)) });
    const writes = way && predicts ? alongThrough(z, map, heads, way.direction) : null;
    return { ...place, heads, rows, norms: normsThrough(z, map, heads), effects: writes && Float32Array.from(writes, (value, at) => value / (way?.scale[at % rows] ?? NaN)) };
  } catch (error) {
    if (!(error instanceof CogscopeError) || error.code !== 'refused') throw error;
    return `${entry.address.replace(/\.hook_z$/, '')}: ${error.data.what}`;
  }
}
