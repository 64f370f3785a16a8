/** `cogscope neurons import FILE --db FILE`. */
import { resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import { counted, inWords } from '../../shared/format.ts';
import type { Arguments } from '../args.ts';
import type { Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { withEngine } from '../withEngine.ts';
import { databaseOf } from './index.ts';

export async function importDescriptions(args: Arguments, { interrupts }: Context): Promise<Outcome> {
  const [file, extra] = args.positionals;
  if (file === undefined) throw new CogscopeError('usage', 'No list of descriptions is named', 'Write neurons import FILE.json --db FILE');
  if (extra !== undefined) throw new CogscopeError('usage', `"${extra}" is one word too many`, 'Name one list; it is imported without the model');
  const made = await withEngine(1, interrupts, (engine) => engine.call('importDescriptions', { db: databaseOf(args), file: resolve(file) }, { signal: interrupts.signal }));
  const { neurons, descriptions, sources, replaced } = made;
  return { text: () => `Imported ${counted(descriptions, 'description')} of ${counted(neurons, 'neuron')} by ${inWords(sources.slice(0, 5).map((source) => `“${source}”`))}${replaced > 0 ? `, in place of ${replaced}` : ''}\n`, json: { ...made }, exit: OK };
}
