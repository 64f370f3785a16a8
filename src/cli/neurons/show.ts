/** `cogscope neurons show MODEL ADDRESS --db FILE`. */
import { parseShort } from '../../shared/addresses.ts';
import type { Arguments } from '../args.ts';
import type { Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { headText, neuronText } from '../print/neurons.ts';
import { addressed } from './addressed.ts';
import { databaseOf } from './index.ts';

export async function showNeuron(args: Arguments, context: Context): Promise<Outcome> {
  const { signal } = context.interrupts;
  const db = databaseOf(args);
  return await addressed(args, context, async (engine, address): Promise<Outcome> => {
    if (parseShort(address)?.kind === 'head') {
      const head = await engine.call('headFigures', { db, address }, { signal });
      return { text: () => headText(head), json: { ...head }, exit: OK };
    }
    const neuron = await engine.call('neuronFigures', { db, address }, { signal });
    const { weights, examples } = await engine.call('similarNeurons', { db, address }, { signal });
    const similar = { weights, examples };
    return { text: () => neuronText(neuron, similar), json: { ...neuron, similar }, exit: OK };
  });
}
