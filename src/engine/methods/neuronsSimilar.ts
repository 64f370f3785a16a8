/** Neurons that are like one of the index: by what they write, and by where they fire. */
import { neuronAddress } from '../../shared/addresses.ts';
import type { SimilarList, SimilarNeurons } from '../../shared/neurons/similar.ts';
import type { NeuronApi } from '../../shared/protocol/neuronApi.ts';
import { planIndex } from '../neurons/plan.ts';
import { assertKnown } from '../neurons/read/neuron.ts';
import type { IndexReader } from '../neurons/read/reader.ts';
import { meaningsOf } from '../neurons/read/search.ts';
import { similarByExamples } from '../neurons/similar/byExamples.ts';
import { similarByWeights } from '../neurons/similar/byWeights.ts';
import type { Likeness } from '../neurons/similar/likeness.ts';
import { UNITS } from '../neurons/store/schema.ts';
import type { ModelSession } from '../session.ts';
import { indexedModel, neuronOf, readIndex } from './neurons.ts';

export function similarNeurons(session: ModelSession, { db, address }: Parameters<NeuronApi['similarNeurons']>[0], signal: AbortSignal): Promise<SimilarNeurons> {
  const { layer, neuron } = neuronOf(address);
  const model = indexedModel(session);
  return readIndex(session, db, async (reader) => {
    assertKnown(reader, layer, neuron);
    const weights = await similarByWeights(model, planIndex(model), layer, neuron, signal);
    const examples = similarByExamples(reader, layer, neuron);
    return { address, weights: listOf(reader, weights), examples: listOf(reader, examples) };
  });
}

function listOf(reader: IndexReader, found: readonly Likeness[] | string): SimilarList {
  if (typeof found === 'string') return { kind: 'none', reason: found };
  return { kind: 'found', neurons: found.map(({ layer, neuron, similarity }) => ({ address: neuronAddress('', layer, neuron), similarity, labels: meaningsOf(reader, layer * UNITS + neuron).labels })) };
}
