/** Asks for the chosen scores where they are not here yet; a choice of other ones ends what was asked before. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { HeadScoresParams, HeadScoresProgress, ScoredText } from '../../../src/shared/protocol/headApi.ts';
import type { Host } from '../../lib/connect.ts';
import { canRun } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';
import { askedPatterns, scoredText, scoreKey, scoreObstacle } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import { writtenChoice } from '../model/written.ts';
import type { Runner } from './run.ts';

export function scoreChosen(host: Host<AttentionPanelApi>, store: PanelStore, runner: Runner): void {
  let abort: AbortController | undefined;
  let serial = 0;

  const ask = async (state: State, text: ScoredText): Promise<void> => {
    abort?.abort();
    const { signal } = (abort = new AbortController());
    const mine = ++serial;
    const params: HeadScoresParams = { text, patterns: askedPatterns(state) };
    store.dispatch({ kind: 'scoresAsked', serial: mine, key: scoreKey(state) });
    try {
      const result = await host.call('headScores', params, { signal, onProgress: (body) => store.dispatch({ kind: 'scoresCame', serial: mine, progress: body as HeadScoresProgress }) });
      store.dispatch({ kind: 'scored', serial: mine, result });
    } catch (thrown) {
      if (signal.aborted || (text.kind === 'run' && (await runner.wasLost(thrown)))) return;
      store.dispatch({ kind: 'scoresFailed', serial: mine, error: CogscopeError.describe(thrown) });
    }
  };

  store.listen((state, previous) => {
    if (state.choice === previous.choice && state.drawn === previous.drawn && state.run === previous.run && state.model === previous.model) return;
    const isHere = state.scores?.key === scoreKey(state) && !(state.scores.phase === 'failed' && state.choice !== previous.choice);
    if (!canRun(state) || writtenChoice(state) !== null || scoreObstacle(state) !== null || isHere) return;
    const id = state.run?.id ?? null;
    void ask(state, scoredText(state) === 'run' && id !== null ? { kind: 'run', run: id } : { kind: 'repeated' });
  });
}
