/** The first run, for a person who has nothing to type yet: an example, put into the prompt where it can be seen and changed. */
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { isEmpty } from '../../lib/text/prompt.ts';
import { EXAMPLE_TEXT, exampleDraft, takesTokens } from '../model/prompt.ts';
import { summaryOf } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';
import type { Runner } from './run.ts';

/** More unknown words than this share, and a sentence is no example for the model. */
const MOST_UNKNOWN = 0.25;

export async function runFirst(host: Host<AttentionPanelApi>, store: PanelStore, runner: Runner): Promise<void> {
  const { draft } = store.state;
  const summary = summaryOf(store.state);
  if (summary && takesTokens(summary) && isEmpty(draft)) {
    const mode = draft.mode === 'text' && (await knowsWords(host)) ? 'text' : 'ids';
    store.dispatch({ kind: 'draft', change: exampleDraft(summary, { ...draft, mode }) });
  }
  await runner.run();
}

/** Whether the tokenizer knows the words of plain English, or makes most of them its token for what is unknown. */
async function knowsWords(host: Host<AttentionPanelApi>): Promise<boolean> {
  const { tokens } = await host.call('tokenize', { prompt: { kind: 'text', text: EXAMPLE_TEXT, special: false } });
  return tokens.filter((token) => token.special).length <= tokens.length * MOST_UNKNOWN;
}
