/** Heads in the order of their numbers, as a drawing of a table. */
import { counted, fixed, significant } from '../../../src/shared/format.ts';
import { headKindNames, headKinds } from '../../../src/shared/protocol/headApi.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { barColours } from '../../lib/color/diverging.ts';
import { tableSvg } from '../../lib/export/table.ts';
import { gridScale } from '../model/gridScale.ts';
import { addressOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import { chosenAt, rankedHeads, scoreAt, scoreWords } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import { writtenAt, writtenChoice } from '../model/written.ts';

/** Heads of a drawing at most: a picture has no end of height. */
const MOST = 300;

export function rankedSvg(state: State, { palette, diverging }: Ink): string {
  const all = rankedHeads(state);
  const { share } = gridScale(state);
  const columns = columnsOf(state);
  const title = writtenChoice(state) === null ? `Heads by score: ${scoreWords(state)}` : scoreWords(state);
  const note = [state.model?.title ?? '', all.length > MOST ? `the first ${MOST} of ${counted(all.length, 'head')}` : counted(all.length, 'head')].join(' · ');
  return tableSvg({ title, note, palette }, {
    titles: ['head', ...columns.map(({ name }) => name)], colours: barColours(diverging),
    lines: all.slice(0, MOST).map(({ head, score }) => ({ cells: [addressOf(head), ...columns.map(({ of }) => of(head))], share: Number.isNaN(score) ? NaN : share(score) })),
  });
}

interface Column {
  readonly name: string;
  readonly of: (head: Head) => string;
}

/** What the table has; the number that heads are ranked by is drawn as a bar. */
function columnsOf(state: State): readonly Column[] {
  const text = (value = NaN, words: (known: number) => string): string => (Number.isNaN(value) ? '–' : words(value));
  const written = writtenChoice(state);
  if (written !== null) return (written === 'effect' ? ['effect', 'norm'] as const : ['norm'] as const).map((name) => ({ name, of: (head) => text(writtenAt(state, head, name), significant) }));
  const chosen = chosenAt(state);
  return (state.scores?.protocol?.patterns ?? []).map(({ name }, at) => {
    const kind = headKinds.find((one) => one === name);
    return { name: `${kind ? headKindNames[kind] : name}${at === chosen ? ' ↓' : ''}`, of: (head) => text(scoreAt(state, head, at), (value) => fixed(value, 3)) };
  });
}
