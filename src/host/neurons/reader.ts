/**
 * What indexes tell of neurons, heads and layers, for what is shown while somebody reads: from an engine that runs already, and
 * within a moment. Nothing is started for it; what comes late is there the next time.
 */
import { CogscopeError, sentence } from '../../shared/errors.ts';
import type { EngineApi } from '../../shared/protocol/engineApi.ts';
import type { ModelState } from '../../shared/protocol/panelApi.ts';
import type { Params, Result } from '../../shared/rpc/connection.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { printOf } from './indexFiles.ts';
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
type Reads = 'neuronFigures' | 'headFigures' | 'neuronIndex' | 'neuronLayers' | 'searchNeurons';

/** By index as it lies there, method and what was asked; the latest last. */
type Answers = Map<string, Promise<Reading<unknown>>>;

export class NeuronReader {
  private readonly indexing: NeuronIndexing;
  /** Of each reading of a model: another file of its name is another model. */
  private readonly kept = new WeakMap<ModelState, Answers>();

  constructor(indexing: NeuronIndexing) {
    this.indexing = indexing;
  }

  async read<K extends Reads>(handle: ModelHandle, method: K, params: Omit<Params<EngineApi, K>, 'db'>, ms = MOMENT_MS): Promise<Reading<Result<EngineApi, K>>> {
    const db = this.indexing.placeOf(handle.uri);
    const print = await printOf(db);
    if (print === undefined) return { kind: 'none' };
    const key = JSON.stringify([db, print, method, params]);
    const answers = this.answersOf(handle.model.state);
    const known = answers.get(key) as Promise<Reading<Result<EngineApi, K>>> | undefined;
    if (!known && handle.pid === undefined) return { kind: 'later', why: 'The engine rests: open the model to read its index.' };
    const reading = known ?? ask(handle, method, { ...params, db } as unknown as Params<EngineApi, K>);
    if (!known) keep(answers, key, reading);
    return await within(reading, ms);
  }

  private answersOf(state: ModelState): Answers {
    const answers = this.kept.get(state) ?? new Map<string, Promise<Reading<unknown>>>();
    this.kept.set(state, answers);
    return answers;
  }
}

async function ask<K extends Reads>(handle: ModelHandle, method: K, params: Params<EngineApi, K>): Promise<Reading<Result<EngineApi, K>>> {
  try {
    return { kind: 'there', value: await handle.call(method, params) };
  } catch (error) {
    return { kind: 'refused', why: sentence({ ...CogscopeError.describe(error), where: '' }) };
  }
}

function keep(answers: Answers, key: string, asked: Promise<Reading<unknown>>): void {
  answers.set(key, asked);
  const [oldest] = answers.keys();
  if (answers.size > MOST_KEPT && oldest !== undefined) answers.delete(oldest);
  // What failed may go well the next time: another program may have used the index.
  void asked.then(({ kind }) => kind === 'there' || answers.delete(key));
}

function within<T>(reading: Promise<Reading<T>>, ms: number): Promise<Reading<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Reading<T>>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'later', why: 'The engine is at work: look again in a moment.' }), ms);
  });
  return Promise.race([reading, late]).finally(() => clearTimeout(timer));
}
