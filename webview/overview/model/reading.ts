import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';

/**
 * Tells one reading of a file from another by the times it took: a check holds for what was read when it ran, and a model that
 * was exported anew may be of the same size. Undefined where nothing is open.
 */
export function readingOf({ uri, state }: PanelModel): string | undefined {
  return state.kind === 'open' ? [uri, state.summary.model.bytes, state.summary.ms.read, state.summary.ms.anatomy].join('|') : undefined;
}

/** What of a model the page shows: two readings that say the same are one page, which then keeps focus and scroll. */
export function pageOf({ title, state }: PanelModel): string {
  return JSON.stringify([title, state.kind === 'open' ? { ...state.summary, ms: null } : state]);
}
