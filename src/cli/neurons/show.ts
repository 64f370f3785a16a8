/** `cogscope neurons show MODEL ADDRESS --db FILE`. */
import { parseShort } from '../../shared/addresses.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { headText, neuronText } from '../print/neurons.ts';
import { databaseOf } from './index.ts';

export async function showNeuron(args: Arguments, context: Context): Promise<Outcome> {
  const { signal } = context.interrupts;
  const [model, address, ...more] = args.positionals;
  if (model !== undefined && address === undefined) throw new CogscopeError('usage', 'No neuron is named', 'Write an address behind the model, such as L3N1234 or, of a head, L5H3');
  const params = { db: databaseOf(args), address: address ?? '' };
  return await withModel(new Arguments(model === undefined ? [] : [model, ...more], args.occurrences), context, async (engine): Promise<Outcome> => {
    if (parseShort(params.address)?.kind === 'head') {
      const head = await engine.call('headFigures', params, { signal });
      return { text: () => headText(head), json: { ...head }, exit: OK };
    }
    const neuron = await engine.call('neuronFigures', params, { signal });
    return { text: () => neuronText(neuron), json: { ...neuron }, exit: OK };
  });
}
