/** Asks which image to run on, and runs it where nothing else is missing. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { isEmpty } from '../../lib/text/prompt.ts';
import { takesTokens } from '../model/prompt.ts';
import { summaryOf } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';
import type { Runner } from './run.ts';

export async function chooseImage(host: Host<AttentionPanelApi>, store: PanelStore, runner: Runner): Promise<void> {
  try {
    const image = await host.call('chooseImage', {});
    if (!image) return;
    store.dispatch({ kind: 'image', image });
    const { state } = store;
    if (!takesTokens(summaryOf(state)) || !isEmpty(state.draft)) await runner.run();
  } catch (thrown) {
    store.dispatch({ kind: 'problem', error: CogscopeError.describe(thrown) });
  }
}
