import { CogscopeError } from '../../shared/errors.ts';
import type { History } from './history.ts';
import type { RunDocuments } from './runDocuments.ts';
import { resultText } from './runTexts.ts';

/** Opens two kept results in the editor's diff, the earlier one on the left. */
export async function compareRuns(history: History, documents: RunDocuments, a: string, b: string): Promise<void> {
  const runs = (await Promise.all([history.read(a), history.read(b)])).filter((run) => run !== undefined).sort((one, other) => one.note.at - other.note.at);
  const [before, after] = runs;
  if (!before || !after) throw new CogscopeError('usage', 'One of the two runs is no longer kept', 'Run the experiment again');
  const time = (at: number): string => new Date(at).toLocaleTimeString();
  await documents.diff({
    title: `${after.note.title}: ${time(before.note.at)} ↔ ${time(after.note.at)}`,
    before: resultText(before.experiment, before.outcome), after: resultText(after.experiment, after.outcome),
  });
}
