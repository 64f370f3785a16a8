/** What outlives a reload, read with care: it may stem from another version. */
import { groupings, initialState, measures } from './state.ts';
import type { Cell, Draft, Kept, State } from './state.ts';

export const keep = ({ draft, measure, grouping, mid, cell, run }: State): Kept => ({ draft, measure, grouping, mid, cell, ran: run !== null });

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function readDraft(value: unknown): Draft {
  if (!isObject(value)) return initialState.draft;
  const text = (name: string): string => (typeof value[name] === 'string' ? value[name] : '');
  return { mode: value['mode'] === 'ids' ? 'ids' : 'text', text: text('text'), ids: text('ids'), decoder: text('decoder'), special: value['special'] !== false, target: text('target'), distractor: text('distractor') };
}

function readCell(value: unknown): Cell | null {
  if (!isObject(value)) return null;
  const { state, column } = value;
  return Number.isSafeInteger(state) && Number.isSafeInteger(column) ? { state: state as number, column: column as number } : null;
}

export function readKept(state: Fields): Kept {
  return {
    draft: readDraft(state['draft']),
    measure: measures.find((one) => one === state['measure']) ?? initialState.measure,
    grouping: groupings.find((one) => one === state['grouping']) ?? initialState.grouping,
    mid: state['mid'] === true, cell: readCell(state['cell']), ran: state['ran'] === true,
  };
}
