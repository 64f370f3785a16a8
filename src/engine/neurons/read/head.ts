/** What an index tells of one attention head. */
import { CogscopeError } from '../../../shared/errors.ts';
import { headAddress } from '../../../shared/addresses.ts';
import type { HeadFigures } from '../../../shared/neurons/figures.ts';
import { ExampleTable } from '../state/examples.ts';
import { PAIRS } from '../state/heads.ts';
import { contextOf, placeOf } from './context.ts';
import type { Decode } from './context.ts';
import type { IndexReader } from './reader.ts';

/** Throws 'usage' where there is no such head in the index. */
export function headFigures(reader: IndexReader, layer: number, head: number, decode: Decode): HeadFigures {
  const address = headAddress('', layer, head);
  const heads = reader.one('SELECT heads FROM attention WHERE layer = ?', layer)?.['heads'];
  if (heads === undefined) throw new CogscopeError('usage', `The index has no heads of layer ${layer}`, 'Name a head of a layer that it has', address);
  if (head >= Number(heads)) throw new CogscopeError('usage', `Layer ${layer} has ${heads} heads`, `Name one from L${layer}H0 to L${layer}H${Number(heads) - 1}`, address);
  const { tokens, finished } = reader.state;
  const table = new ExampleTable(1, PAIRS);
  const encoded = reader.examples('head', layer, head);
  if (encoded) table.decode(0, encoded);
  const examples = table.strongestFirst(0).map((at) => {
    const [position, source] = [table.position[at] as number, table.source[at] as number];
    const line = reader.line(table.row[at] as number);
    const read = (place: number) => ({ token: decode(line.ids[place] ?? 0), context: contextOf(line, place, decode) });
    return { ...placeOf(line, position), weight: table.value[at] as number, ...read(position), source: { position: source, ...read(source) } };
  });
  return { address, tokens, finished, examples };
}
