/** What came of an experiment last, in the words of its CodeLens. Pure. */
import type { RunNote } from '../experiments/historyIndex.ts';
import { ago, resultLine } from '../experiments/words.ts';

export interface LastRun {
  readonly note: Pick<RunNote, 'at' | 'result' | 'passed' | 'expected'>;
  /** ms since 1970. */
  readonly now: number;
  /** The file still says what was run then. */
  readonly same: boolean;
}

/** "$(pass) L4H4 0.82 first of 32; 3 of 3 expectations passed, 2 min ago". */
export function lastLens({ note, now, same }: LastRun): string {
  const icon = !same ? '$(history)' : note.expected === 0 ? '$(circle-outline)' : note.passed === note.expected ? '$(pass)' : '$(error)';
  return `${icon} ${resultLine(note)}, ${ago(now - note.at)}${same ? '' : ', before it was changed'}`;
}
