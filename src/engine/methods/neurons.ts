/** The index of neurons, of the model that is open. */
import { parseShort } from '../../shared/addresses.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { NeuronIndexParams, NeuronIndexProgress, NeuronIndexResult } from '../../shared/neurons/build.ts';
import type { HeadFigures, NeuronFigures, NeuronIndexStanding, NeuronLayer } from '../../shared/neurons/figures.ts';
import type { NeuronQuery, NeuronSearchResult } from '../../shared/neurons/search.ts';
import { buildIndex } from '../neurons/build.ts';
import type { IndexedModel } from '../neurons/plan.ts';
import { headFigures } from '../neurons/read/head.ts';
import { neuronLayers } from '../neurons/read/layers.ts';
import { neuronFigures } from '../neurons/read/neuron.ts';
import { IndexReader } from '../neurons/read/reader.ts';
import { searchNeurons } from '../neurons/read/search.ts';
import type { Words } from '../neurons/read/search.ts';
import { NeuronIndex, toIndex } from '../neurons/store/index.ts';
import type { ModelSession } from '../session.ts';

/** A call that was cancelled holds its index until the pass that it is in has ended. */
const last = new WeakMap<ModelSession, Promise<unknown>>();

export async function indexNeurons(session: ModelSession, params: NeuronIndexParams, progress: (body: NeuronIndexProgress) => void, signal: AbortSignal): Promise<NeuronIndexResult> {
  // A model that cannot run says why.
  session.getProgram();
  await last.get(session);
  const building = buildIndex(indexedModel(session), params, progress, signal);
  last.set(session, building.catch(() => undefined));
  return await building;
}

export function indexedModel(session: ModelSession): IndexedModel {
  const { model, types, anatomy, tokenizer, settings, level, withdrawn } = session;
  if ('missing' in tokenizer) throw new CogscopeError('usage', tokenizer.missing, 'Put a tokenizer.json beside the model: an index is made over text');
  return { model, types, anatomy, tokenizer, program: { ...settings, level }, withdrawn: (address) => withdrawn.of(address) };
}

export async function indexStanding(session: ModelSession, db: string): Promise<NeuronIndexStanding> {
  if (!NeuronIndex.exists(db)) return { kind: 'none' };
  try {
    return await IndexReader.use(db, async (reader): Promise<NeuronIndexStanding> => {
      const reason = await whyAnother(session, reader);
      return reason === undefined ? { kind: 'usable', ...reader.info } : { kind: 'another', reason, info: reader.info };
    });
  } catch (error) {
    if (!(error instanceof CogscopeError) || (error.code !== 'refused' && error.code !== 'unreadable')) throw error;
    return { kind: 'refused', error: error.data, rebuild: error.code === 'refused' };
  }
}

/** Why an index is not of the model that is open. */
async function whyAnother(session: ModelSession, { model }: IndexReader): Promise<string | undefined> {
  const { sha256, tokenizer } = await session.getIdentity();
  if (model.sha256 !== sha256) return `The model changed since its index was made from ${model.name}`;
  return model.tokenizer === tokenizer ? undefined : 'The tokenizer changed since the index was made';
}

/** Throws 'refused' where the index is not of the model that is open. */
export async function readIndex<T>(session: ModelSession, db: string, work: (reader: IndexReader) => T | Promise<T>): Promise<T> {
  return await IndexReader.use(db, async (reader) => {
    const reason = await whyAnother(session, reader);
    if (reason !== undefined) throw new CogscopeError('refused', reason, `Make it again with ${toIndex(' --rebuild')}`, db);
    return work(reader);
  });
}

/** Throws 'usage' where an address is none of an index's neurons. */
export function neuronOf(address: string): { readonly layer: number; readonly neuron: number } {
  const short = parseShort(address);
  if (short?.kind !== 'neuron' || short.tower !== '') throw new CogscopeError('usage', `"${address}" is no neuron`, 'Write an address such as L3N1234');
  return short;
}

export function figuresOfNeuron(session: ModelSession, db: string, address: string): Promise<NeuronFigures> {
  const { layer, neuron } = neuronOf(address);
  return readIndex(session, db, (reader) => neuronFigures(reader, layer, neuron, (id) => session.decode(id)));
}

export function figuresOfHead(session: ModelSession, db: string, address: string): Promise<HeadFigures> {
  const short = parseShort(address);
  if (short?.kind !== 'head' || short.tower !== '' || short.attention !== 'self') throw new CogscopeError('usage', `"${address}" is no head`, 'Write an address such as L5H3');
  return readIndex(session, db, (reader) => headFigures(reader, short.layer, short.head, (id) => session.decode(id)));
}

/** Words as the open model's tokenizer has them. */
const wordsOf = (session: ModelSession): Words => ({
  idsOf: (word) => session.getTraits().idsOf(word),
  encode: (text) => ('missing' in session.tokenizer ? [] : session.tokenizer.encode(text, { special: false }).map(({ id }) => id)),
});

export const searchIndex = (session: ModelSession, db: string, query: NeuronQuery): Promise<NeuronSearchResult> => readIndex(session, db, (reader) => searchNeurons(reader, query, wordsOf(session)));

export const layersOfIndex = (session: ModelSession, db: string): Promise<readonly NeuronLayer[]> => readIndex(session, db, neuronLayers);
