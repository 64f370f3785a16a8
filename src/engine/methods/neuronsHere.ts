/** Neurons at a token of a prompt, and a neuron at the tokens around its examples. Both run the model. */
import { neuronAddress } from '../../shared/addresses.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { ContextActivations, NeuronHere, NeuronsHere, NeuronsHereParams } from '../../shared/neurons/here.ts';
import type { NeuronApi } from '../../shared/protocol/neuronApi.ts';
import { topIndices } from '../analysis/predictions.ts';
import { activationsOf } from '../neurons/activations.ts';
import { firedAt } from '../neurons/here.ts';
import type { FiredAt } from '../neurons/here.ts';
import { planIndex } from '../neurons/plan.ts';
import { spanOf } from '../neurons/read/context.ts';
import { float32 } from '../neurons/read/reader.ts';
import type { IndexReader } from '../neurons/read/reader.ts';
import { meaningsOf } from '../neurons/read/search.ts';
import { bareRow } from '../neurons/rows.ts';
import { UNITS } from '../neurons/store/schema.ts';
import type { ModelSession } from '../session.ts';
import { indexedModel, neuronOf, readIndex } from './neurons.ts';
import { oneToken } from './oneToken.ts';
import { positionIn, tokensOf } from './prompt.ts';

const LISTED = 20;
/** Examples of one call. */
const MOST = 256;

export async function neuronsHere(session: ModelSession, { db, prompt, position: asked, target: named, limit = LISTED }: NeuronsHereParams, signal: AbortSignal): Promise<NeuronsHere> {
  const program = session.getProgram();
  const model = indexedModel(session);
  const plan = planIndex(model);
  const ids = Uint32Array.from(tokensOf(session, prompt), ({ id }) => id);
  const position = positionIn(asked, ids.length);
  const target = named === null ? null : oneToken(session, prompt.kind === 'text' ? prompt.text : prompt.ids, named, 'target').id;
  const effects = await session.getEffects(model, plan, signal);
  const fired = await firedAt(program, model, plan, effects, { ids, position, target }, signal);
  const lists = (reader: IndexReader | undefined): Pick<NeuronsHere, 'firing' | 'moving'> => listsOf(fired, reader, Math.min(Math.max(limit, 1), 1000));
  return {
    token: session.decode(ids[position] ?? 0), position, target: { id: fired.target, token: session.decode(fired.target) },
    ...(db === null ? lists(undefined) : await readIndex(session, db, lists)), noEffects: typeof effects === 'string' ? effects : '',
  };
}

function listsOf({ layers }: FiredAt, reader: IndexReader | undefined, limit: number): Pick<NeuronsHere, 'firing' | 'moving'> {
  const all = layers.flatMap(({ layer, activations, effects }) => {
    const found = reader?.one('SELECT largest FROM mlp WHERE layer = ?', layer)?.['largest'];
    const largest = found === undefined ? undefined : float32(found as Uint8Array);
    return Array.from(activations, (activation, neuron) => {
      const max = largest?.[neuron];
      return { layer, neuron, activation, ofMax: max === undefined ? null : max > 0 ? activation / max : 0, effect: effects?.[neuron] ?? null };
    });
  });
  const strongest = (by: (one: (typeof all)[number]) => number): readonly NeuronHere[] => topIndices(Float32Array.from(all, by), limit).flatMap((at) => {
    const one = all[at];
    if (!one || !(by(one) > 0)) return [];
    const { layer, neuron, activation, ofMax, effect } = one;
    return [{ address: neuronAddress('', layer, neuron), activation, ofMax, effect, labels: reader ? meaningsOf(reader, layer * UNITS + neuron).labels : [] }];
  });
  return { firing: strongest(({ ofMax, activation }) => ofMax ?? activation), moving: strongest(({ effect }) => Math.abs(effect ?? 0)) };
}

export async function exampleActivations(session: ModelSession, { db, address, examples }: Parameters<NeuronApi['exampleActivations']>[0], signal: AbortSignal): Promise<readonly ContextActivations[]> {
  const program = session.getProgram();
  const neuron = neuronOf(address);
  if (examples.length > MOST) throw new CogscopeError('usage', `${examples.length} examples are too many at once`, `Ask for ${MOST} at most`);
  const model = indexedModel(session);
  const plan = planIndex(model);
  const rows = await readIndex(session, db, (reader) => examples.map(({ row, position }, id) => {
    const { ids } = reader.line(row);
    // What stands behind a token changes nothing before it where attention is causal.
    const own = plan.tower.causal && plan.fixed === null ? ids.subarray(0, spanOf(position, ids.length)[1]) : ids;
    return { id, row: bareRow(own) };
  }));
  const made = new Map<number, ContextActivations>();
  for await (const { row: { id }, values: [values] } of activationsOf(program, model, plan, [neuron], rows, signal)) {
    const example = examples[id];
    if (example && values) made.set(id, { ...example, activations: [...values.subarray(...spanOf(example.position, values.length))] });
  }
  return examples.flatMap((_, id) => made.get(id) ?? []);
}
