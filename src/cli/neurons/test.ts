/** `cogscope neurons test MODEL ADDRESS --db FILE --text FILE`. */
import { resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { Arguments } from '../args.ts';
import type { Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { trialText } from '../print/neurons.ts';
import { addressed } from './addressed.ts';
import { databaseOf } from './index.ts';

export async function testReadings(args: Arguments, context: Context): Promise<Outcome> {
  const { progress, interrupts: { signal } } = context;
  const [path, field, db] = [args.one('text'), args.one('field'), databaseOf(args)];
  if (path === undefined) throw new CogscopeError('usage', 'There is no text to try the readings on', 'Name a file with --text');
  const text = { kind: 'file' as const, path: resolve(path), ...(field === undefined ? {} : { field }) };
  const trial = await addressed(args, context, (engine, address) => {
    progress.show('Running the text');
    return engine.call('testReadings', { db, address, text }, { signal });
  });
  return { text: () => trialText(trial), json: { ...trial }, exit: OK };
}
