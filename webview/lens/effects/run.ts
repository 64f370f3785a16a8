/** Reads the prompt's states, and then, where a token is asked about, takes its logit apart at the chosen positions. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { AttributionProgress, LensParams, LensProgress } from '../../../src/shared/protocol/lensApi.ts';
import type { LensPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { tokenOf } from '../../lib/text/tokenSource.ts';
import { isEmpty, promptOf } from '../../lib/text/prompt.ts';
import { canRun, chosenPositions, hasDecoder, isRunning } from '../model/read.ts';
import type { PanelStore } from '../model/reduce.ts';
import type { State } from '../model/state.ts';

/** Tokens that a cell lists. */
const TOP = 10;
/** Milliseconds of rest before a position is taken apart: the cursor may be on its way. */
const REST = 120;

export class Runner {
  private readonly host: Host<LensPanelApi>;
  private readonly store: PanelStore;
  private abort: AbortController | undefined;
  private partsAbort: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked: LensParams | undefined;
  private serial = 0;

  constructor(host: Host<LensPanelApi>, store: PanelStore) {
    this.host = host;
    this.store = store;
    store.listen((state, previous) => {
      const engine = state.model?.engine.kind;
      if (state.armed && canRun(state) && engine !== 'restarting' && engine !== 'failed') void this.run();
      if (state.run !== previous.run || state.cell !== previous.cell || state.columns !== previous.columns) this.partsSoon(state);
    });
  }

  async run(): Promise<void> {
    const { state, dispatch } = this.store;
    if (!canRun(state)) return state.model === null || state.model.state.kind === 'loading' ? dispatch({ kind: 'armed' }) : undefined;
    const { draft } = state;
    const read = promptOf(draft, hasDecoder(state));
    if (!read.ok) return dispatch({ kind: 'problem', error: read.error });
    if (isEmpty(draft)) return dispatch({ kind: 'problem', error: new CogscopeError('usage', 'The prompt is empty', 'Type at least one token').data });
    const [target, distractor] = [tokenOf(draft.target, draft.mode), tokenOf(draft.distractor, draft.mode)];
    if (target === null && distractor !== null) return dispatch({ kind: 'problem', error: new CogscopeError('usage', 'There is a token to compare with and none to ask about', 'Type a token, or clear the other one').data });
    this.abort?.abort();
    const { signal } = (this.abort = new AbortController());
    const serial = ++this.serial;
    const started = performance.now();
    this.asked = { prompt: read.prompt, ...(read.prompts ? { prompts: read.prompts } : {}), target, distractor, top: TOP, mid: state.mid };
    dispatch({ kind: 'asked', serial });
    try {
      const lens = await this.host.call('lens', this.asked, { signal, onProgress: (body) => dispatch({ kind: 'progress', serial, ms: performance.now() - started, progress: body as LensProgress }) });
      dispatch({ kind: 'ended', serial, lens });
    } catch (error) {
      dispatch({ kind: 'failed', serial, error: CogscopeError.describe(error) });
    }
  }

  /** Stops the run; what has come stays. */
  cancel(): void {
    if (isRunning(this.store.state)) this.abort?.abort();
    this.partsAbort?.abort();
  }

  /** Takes the logit apart at the chosen positions, once the run has ended and the cursor rests. */
  private partsSoon(state: State): void {
    const positions = chosenPositions(state);
    if (state.run?.phase !== 'done' || positions.length === 0 || !state.run.frame?.target || state.parts?.positions.join() === positions.join()) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.parts(positions), REST);
  }

  private async parts(positions: readonly number[]): Promise<void> {
    const { state, dispatch } = this.store;
    const { asked } = this;
    if (!asked?.target && asked?.target !== 0) return;
    if (state.run?.phase !== 'done' || chosenPositions(state).join() !== positions.join()) return;
    this.partsAbort?.abort();
    const { signal } = (this.partsAbort = new AbortController());
    const serial = ++this.serial;
    dispatch({ kind: 'partsAsked', serial, positions });
    try {
      const value = await this.host.call('attribution', { prompt: asked.prompt, ...(asked.prompts ? { prompts: asked.prompts } : {}), target: asked.target, distractor: asked.distractor ?? null, positions }, {
        signal, onProgress: (body) => dispatch({ kind: 'partsProgress', serial, progress: body as AttributionProgress }),
      });
      dispatch({ kind: 'partsCame', serial, value });
    } catch (error) {
      dispatch({ kind: 'partsFailed', serial, error: CogscopeError.describe(error) });
    }
  }
}
