/** `cogscope neurons search MODEL --db FILE`, by what is given. */
import { CogscopeError } from '../../shared/errors.ts';
import type { NeuronQuery } from '../../shared/neurons/search.ts';
import type { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { searchText } from '../print/neurons.ts';
import { databaseOf } from './index.ts';

export async function searchNeurons(args: Arguments, context: Context): Promise<Outcome> {
  const query = queryOf(args);
  const db = databaseOf(args);
  const result = await withModel(args, context, (engine) => engine.call('searchNeurons', { db, ...query }, { signal: context.interrupts.signal }));
  return { text: () => searchText(result), json: { ...result }, exit: OK };
}

function queryOf(args: Arguments): NeuronQuery {
  const [token, output, described, layer, limit] = [args.one('token'), args.one('output'), args.one('described'), args.whole('layer', 0, 9999), args.whole('limit', 1, 1000)];
  return {
    ...(token === undefined ? {} : { token }), ...(output === undefined ? {} : { output }), ...(described === undefined ? {} : { described }), ...(layer === undefined ? {} : { layer }), ...(limit === undefined ? {} : { limit }),
    ...rates(args.one('rate')),
  };
}

/** "0.01-0.1", or one of the two ends. */
function rates(text: string | undefined): Pick<NeuronQuery, 'rateFrom' | 'rateTo'> {
  if (text === undefined) return {};
  const [, from, to] = /^(\d*\.?\d+)?-(\d*\.?\d+)?$/.exec(text) ?? [];
  if (from === undefined && to === undefined) throw new CogscopeError('usage', `--rate takes a range of shares, not "${text}"`, 'Write for instance --rate 0.01-0.1');
  return { ...(from === undefined ? {} : { rateFrom: Number(from) }), ...(to === undefined ? {} : { rateTo: Number(to) }) };
}
