/** What is shown, as the host is told it for code that gets the same. Pure. */
import type { PanelView } from '../../../src/shared/python/view.ts';
import { promptOf } from '../../lib/text/prompt.ts';
import { tokenOf } from '../../lib/text/tokenSource.ts';
import { chosenPositions } from './read.ts';
import type { State } from './state.ts';

/** Null where what is typed cannot be read. */
export function shownOf(state: State): PanelView | null {
  const { draft, mid, run } = state;
  const read = promptOf(draft);
  if (!read.ok) return null;
  const [target, distractor] = [tokenOf(draft.target, draft.mode), tokenOf(draft.distractor, draft.mode)];
  const chosen = chosenPositions(state);
  // The last position counted from the end, so that the code fits a longer prompt too.
  const isLast = chosen.length === 0 || (chosen.length === 1 && chosen[0] === run?.frame?.positions.at(-1));
  return { prompt: read.prompt, edited: false, writes: null, view: { kind: 'lens', mid, target, distractor: target === null ? null : distractor, positions: isLast ? [-1] : chosen } };
}
