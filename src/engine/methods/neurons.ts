/** The index of neurons, of the model that is open. */
import { CogscopeError } from '../../shared/errors.ts';
import type { NeuronIndexParams, NeuronIndexProgress, NeuronIndexResult } from '../../shared/neurons/build.ts';
import { buildIndex } from '../neurons/build.ts';
import type { IndexedModel } from '../neurons/plan.ts';
import type { ModelSession } from '../session.ts';

export async function indexNeurons(session: ModelSession, params: NeuronIndexParams, progress: (body: NeuronIndexProgress) => void, signal: AbortSignal): Promise<NeuronIndexResult> {
  // A model that cannot run says why.
  session.getProgram();
  return await buildIndex(indexedModel(session), params, progress, signal);
}

function indexedModel(session: ModelSession): IndexedModel {
  const { model, types, anatomy, tokenizer, settings, level, withdrawn } = session;
  if ('missing' in tokenizer) throw new CogscopeError('usage', tokenizer.missing, 'Put a tokenizer.json beside the model: an index is made over text');
  return { model, types, anatomy, tokenizer, program: { ...settings, level }, withdrawn: (address) => withdrawn.of(address) };
}
