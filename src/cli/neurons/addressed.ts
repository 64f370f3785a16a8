/** Actions on one neuron or head: MODEL ADDRESS. */
import type { EngineProcess } from '../../client/engineProcess.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Context } from '../command.ts';

export async function addressed<T>(args: Arguments, context: Context, work: (engine: EngineProcess, address: string) => Promise<T>): Promise<T> {
  const [model, address, ...more] = args.positionals;
  if (model !== undefined && address === undefined) throw new CogscopeError('usage', 'No neuron is named', 'Write an address behind the model, such as L3N1234 or, of a head, L5H3');
  return await withModel(new Arguments(model === undefined ? [] : [model, ...more], args.occurrences), context, (engine) => work(engine, address ?? ''));
}
