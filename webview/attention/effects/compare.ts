/** Runs the second prompt once the first has run, and asks for what differs. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { LayerPatterns, RunProgress } from '../../../src/shared/protocol/engineApi.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { differenceRun } from '../model/compare.ts';
import { layerKey, placeOf } from '../model/heads.ts';
import { promptOf } from '../../lib/text/prompt.ts';
import { hasDecoder } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';
import type { Run, State } from '../model/state.ts';
import type { Runner } from './run.ts';

export function compareRuns(host: Host<AttentionPanelApi>, store: PanelStore, runner: Runner): void {
  let abort: AbortController | undefined;
  /** What was asked for last: the first run and the second prompt. */
  let asked = '';

  store.listen((state) => {
    const { compare, run } = state;
    if (!compare?.asked || (run?.phase !== 'done' && run?.phase !== 'starting' && run?.phase !== 'running')) {
      if (asked !== '') abort?.abort();
      asked = '';
      if (compare?.asked && (run?.phase === 'cancelled' || run?.phase === 'failed')) store.dispatch({ kind: 'compareFailed', error: new CogscopeError('refused', 'The first prompt did not run to its end', 'Run it again').data });
      return;
    }
    if (run.phase !== 'done' || run.id === null) return;
    const key = `${run.serial} ${compare.text}`;
    if (key === asked) return;
    asked = key;
    abort?.abort();
    abort = new AbortController();
    const { signal } = abort;
    secondOf(state, run, signal).catch(async (thrown: unknown) => {
      if (signal.aborted) return;
      asked = '';
      if (!(await runner.wasLost(thrown))) store.dispatch({ kind: 'compareFailed', error: CogscopeError.describe(thrown) });
    });
  });

  const secondOf = async (state: State, first: Run, signal: AbortSignal): Promise<void> => {
    const { draft, compare } = state;
    const read = promptOf({ ...draft, [draft.mode]: compare?.text ?? '' }, hasDecoder(state));
    if (!read.ok) return store.dispatch({ kind: 'compareFailed', error: read.error });
    const inputs = await runner.inputs(read.prompt, state.edits, signal);
    const layers = new Map<string, LayerPatterns>();
    let refused = first.refused;
    const result = await host.call('run', { prompt: read.prompt, ...(read.prompts ? { prompts: read.prompts } : {}), inputs, patterns: true }, {
      signal,
      onProgress: (body) => {
        const progress = body as RunProgress;
        if (progress.kind === 'stage') for (const layer of progress.layers) layers.set(layerKey(placeOf(layer)), layer);
        else if (progress.kind === 'started') refused = progress.refused ?? [];
      },
    });
    const second: Run = {
      ...first, serial: runner.next(), id: result.run, tokens: result.tokens, towers: result.towers, filled: result.filled, nan: result.nan, ms: result.ms.run, refused, layers,
      mask: runner.maskOf(inputs),
    };
    const pair = { a: first.id ?? 0, b: result.run };
    const alignment = await host.call('alignRuns', pair, { signal });
    const differences: LayerPatterns[] = [];
    for (const [key, { tower, attention, layer }] of first.layers) {
      if (layers.has(key)) differences.push((await host.call('patternDifference', { ...pair, tower, attention, layer }, { signal })).patterns);
    }
    runner.answered();
    const difference = differenceRun(first, second, alignment, differences, runner.next());
    const { predictions } = store.state;
    store.dispatch({ kind: 'compared', compared: { runs: { first, second, difference, side: difference }, predictions: { first: predictions, second: { serial: second.serial, value: result.predictions }, difference: null, side: null } } });
  };
}
