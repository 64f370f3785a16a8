/**
 * What indexes tell of neurons, heads and layers, for what is shown while somebody reads: from an engine that runs already, and
 * within a moment. Nothing is started for it; what comes late is there the next time.
 */
import { stat } from 'node:fs/promises';
import { CogscopeError, sentence } from '../../shared/errors.ts';
import type { EngineApi } from '../../shared/protocol/engineApi.ts';
import type { Params, Result } from '../../shared/rpc/connection.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { NeuronIndexing } from './indexing.ts';

/** How long a hover waits for an engine that may be at work, ms: with what it does itself it answers within 50. */
export const MOMENT_MS = 40;
const MOST_KEPT = 500;

export type Reading<T> =
  | { readonly kind: 'there'; readonly value: T }
  /** There is no index of this model. */
  | { readonly kind: 'none' }
  /** The engine rests, or is at work. */
  | { readonly kind: 'later'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

/** Methods that read an index. */
type Reads = 'neuronFigures' | 'headFigures' | 'neuronLayers' | 'neuronIndex' | 'searchNeurons';

export class NeuronReader {
  private readonly indexing: NeuronIndexing;
  /** By model, index as it lies there, method and what was asked; the latest last. */
  private readonly kept = new Map<string, Promise<Reading<unknown>>>();

  constructor(indexing: NeuronIndexing) {
    this.indexing = indexing;
  }

  async read<K extends Reads>(handle: ModelHandle, method: K, params: Omit<Params<EngineApi, K>, 'db'>, ms = MOMENT_MS): Promise<Reading<Result<EngineApi, K>>> {
    const db = this.indexing.placeOf(handle.uri);
    const found = await stat(db).catch(() => undefined);
    if (!found) return { kind: 'none' };
    const key = JSON.stringify([db, found.size, found.mtimeMs, handle.uri.toString(), method, params]);
    const known = this.kept.get(key) as Promise<Reading<Result<EngineApi, K>>> | undefined;
    if (!known && handle.pid === undefined) return { kind: 'later', why: 'The engine rests: open the model to read its index.' };
    const reading = known ?? this.ask(handle, method, { ...params, db } as unknown as Params<EngineApi, K>, key);
    return await Promise.race([reading, later(ms)]);
  }

  private ask<K extends Reads>(handle: ModelHandle, method: K, params: Params<EngineApi, K>, key: string): Promise<Reading<Result<EngineApi, K>>> {
    const asked = handle.call(method, params).then(
      (value): Reading<Result<EngineApi, K>> => ({ kind: 'there', value }),
      (error: unknown): Reading<never> => {
        const data = CogscopeError.describe(error);
        // What failed for now may go well the next time.
        if (data.code !== 'refused' && data.code !== 'usage') this.kept.delete(key);
        return { kind: 'refused', why: sentence({ ...data, where: '' }) };
      });
    this.kept.set(key, asked);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_KEPT && oldest !== undefined) this.kept.delete(oldest);
    return asked;
  }
}

const later = (ms: number): Promise<Reading<never>> => new Promise((resolve) => {
  setTimeout(() => resolve({ kind: 'later', why: 'The engine is at work: look again in a moment.' }), ms);
});
