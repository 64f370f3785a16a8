/** What outlives a reload of the page, read with care: it may stem from another version. */
import { parseShort } from '../../../src/shared/addresses.ts';
import type { State } from './state.ts';

export type Kept = Pick<State, 'address' | 'text' | 'table'>;

export function readKept(state: Readonly<Record<string, unknown>>): Kept {
  const { address, text, table } = state;
  return {
    address: typeof address === 'string' && parseShort(address)?.kind === 'neuron' ? address : null,
    text: typeof text === 'string' ? text : '', table: table === true,
  };
}

export const toKept = ({ address, text, table }: State): Readonly<Record<string, unknown>> => ({ address, text, table });
