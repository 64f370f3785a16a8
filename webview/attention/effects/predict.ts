/** Fetches the predictions of the chosen token. */
import { CogscopeError, sentence } from '../../../src/shared/errors.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { predictedPosition } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';
import type { Runner } from './run.ts';

export const TOP = 10;

export function predictChosen(host: Host<AttentionPanelApi>, store: PanelStore, runner: Runner): void {
  let asked = '';
  store.listen((state) => {
    const { run, predictions } = state;
    const position = predictedPosition(state);
    // A run that was cut short has no logits; a model without a vocabulary says so once.
    if (run?.phase !== 'done' || run.id === null || !predictions?.value || predictions.value.position === position) return;
    const question = `${run.serial}@${position}`;
    if (asked === question) return;
    asked = question;
    const { id, serial } = run;
    host.call('predictions', { run: id, position, top: TOP }).then((value) => {
      runner.answered();
      if (asked === question) store.dispatch({ kind: 'predicted', serial, value });
    }, async (thrown: unknown) => {
      asked = '';
      if (!(await runner.wasLost(thrown))) store.dispatch({ kind: 'said', text: sentence(CogscopeError.describe(thrown)) });
    });
  });
}
