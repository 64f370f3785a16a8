/** What is shown, as the host is told it for code that gets the same. Pure. */
import type { PanelView, ShownView } from '../../../src/shared/python/view.ts';
import { promptOf } from '../../lib/text/prompt.ts';
import { askedOf } from './average.ts';
import { isMade, positionOf, runTokens, viewOf } from './read.ts';
import { askedPatterns, scoredText, showsScores } from './scores.ts';
import type { State } from './state.ts';
import { targetOf, writtenChoice } from './written.ts';

/** Null where what is typed cannot be read. */
export function shownOf(state: State): PanelView | null {
  const { draft, compare, run, place, head } = state;
  const second = compare ? promptOf({ ...draft, [draft.mode]: compare.text }) : null;
  const read = compare?.shown === 'second' && second ? second : promptOf(draft);
  if (!read.ok) return null;
  const isOpen = place === 'head' && head !== null;
  return {
    prompt: read.prompt, edited: Object.keys(state.edits).length > 0,
    view: run?.difference && second?.ok ? differenceOf(state, second.prompt) : run?.mean ? meanOf(state) : isOpen ? headView(state) : gridView(state),
    writes: isOpen && run?.phase === 'done' && !isMade(run) ? { kind: 'writes', position: fromEnd(state), source: state.source, reads: state.writing } : null,
  };
}

/** The last position as −1, so that the code fits a longer prompt too. */
function fromEnd(state: State): number {
  const at = positionOf(state);
  return at === runTokens(state).length - 1 ? -1 : at;
}

function differenceOf({ run, head }: State, second: Extract<ShownView, { readonly kind: 'difference' }>['second']): ShownView {
  const columns = run?.difference?.towers[head?.tower ?? ''] ?? [];
  return { kind: 'difference', second, columns: columns.map(({ a, b }) => [a ?? -1, b ?? -1]) };
}

/** The prompts that are averaged. Scores of a mean are not said. */
function meanOf(state: State): ShownView | null {
  const mean = state.run?.mean;
  const asked = mean && askedOf(state, mean.set);
  if (!mean || !asked || !('prompts' in asked) || showsScores(state)) return null;
  const leftOut = new Set(mean.leftOut.map(({ index }) => index));
  return { kind: 'mean', prompts: asked.prompts.filter((_, index) => !leftOut.has(index)) };
}

function headView(state: State): ShownView {
  const view = viewOf(state);
  if (view === 'effect') return { kind: view, target: targetOf(state) };
  return { kind: view === 'lines' ? 'pattern' : view };
}

function gridView(state: State): ShownView | null {
  if (!showsScores(state)) return { kind: 'pattern' };
  const written = writtenChoice(state);
  if (written !== null) return { kind: 'outputs', position: fromEnd(state), target: written === 'effect' ? targetOf(state) : null };
  const { pattern } = state.choice;
  const chosen = askedPatterns(state).find(({ kind }) => kind === pattern);
  const protocol = state.scores?.protocol;
  if (!chosen || protocol?.text !== scoredText(state)) return null;
  const [text] = protocol.repeated ?? [];
  if (!text) return { kind: 'headScores', pattern: chosen, text: { kind: 'run' } };
  const { seed, start, end, period, length, pool } = text;
  return { kind: 'headScores', pattern: chosen, text: { kind: 'repeated', rows: protocol.rows, seed, start, end, period, length, pool } };
}
