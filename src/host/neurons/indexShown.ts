/** What is shown of a model's index: read by the engine that runs already, and only where there is one. */
import { stat } from 'node:fs/promises';
import { sentence } from '../../shared/errors.ts';
import type { NeuronIndexStanding } from '../../shared/neurons/figures.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { NeuronIndexing } from './indexing.ts';
import type { NeuronReader } from './reader.ts';
import type { IndexShown } from './standing.ts';

/** Nobody waits for it: an engine that is at work answers when it is done. */
const PATIENCE_MS = 60_000;

export async function indexShown(handle: ModelHandle, indexing: NeuronIndexing, reader: NeuronReader): Promise<IndexShown> {
  if (indexing.isRunning(handle.uri)) return { kind: 'running' };
  const reading = await reader.read(handle, 'neuronIndex', {}, PATIENCE_MS);
  switch (reading.kind) {
    case 'none':
      return { kind: 'none' };
    case 'later':
      return { kind: 'unread', why: reading.why };
    case 'refused':
      return { kind: 'refused', why: reading.why };
    case 'there':
      return shownOf(handle, indexing, reader, reading.value);
    default:
      return reading satisfies never;
  }
}

async function shownOf(handle: ModelHandle, indexing: NeuronIndexing, reader: NeuronReader, standing: NeuronIndexStanding): Promise<IndexShown> {
  const found = await stat(indexing.placeOf(handle.uri)).catch(() => undefined);
  if (standing.kind === 'none' || !found) return { kind: 'none' };
  switch (standing.kind) {
    case 'usable': {
      const layers = standing.finished ? await reader.read(handle, 'neuronLayers', {}, PATIENCE_MS) : undefined;
      return { kind: 'usable', info: standing, written: found.mtime, layers: layers?.kind === 'there' ? layers.value : [] };
    }
    case 'another':
      return { kind: 'stale', reason: standing.reason, info: standing.info, written: found.mtime };
    case 'refused':
      return { kind: 'refused', why: standing.rebuild ? `${standing.error.what}: it can be made again` : sentence({ ...standing.error, where: '' }) };
    default:
      return standing satisfies never;
  }
}
