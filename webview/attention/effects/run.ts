/** Runs what is typed, once more where the engine lost it. */
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { Prompt, RunProgress } from '../../../src/shared/protocol/engineApi.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { isEmpty } from '../../lib/text/prompt.ts';
import { askedOf, promptKey, runInputs, takesTokens } from '../model/prompt.ts';
import type { Asked } from '../model/prompt.ts';
import { canRun, hasDecoder, isComing, isRunning, summaryOf } from '../model/read.ts';
import type { InputValues } from '../model/state.ts';
import type { PanelStore } from '../model/reduce.ts';

/** Runs that the engine may lose one after the other before a person is asked. */
const MOST_LOST = 2;

export class Runner {
  private readonly host: Host<AttentionPanelApi>;
  private readonly store: PanelStore;
  private abort: AbortController | undefined;
  private last: { readonly asked: Asked; readonly edits: InputValues } | undefined;
  private serial = 0;
  private lost = 0;

  constructor(host: Host<AttentionPanelApi>, store: PanelStore) {
    this.host = host;
    this.store = store;
    store.listen((state, _, action) => {
      if (action.kind !== 'model' && action.kind !== 'restored') return;
      const engine = state.model?.engine.kind;
      if (state.rerun === 'armed' && canRun(state) && (engine === 'ready' || engine === 'busy' || engine === 'stopped')) void this.again();
    });
  }

  async run(): Promise<void> {
    const { state, dispatch } = this.store;
    if (!canRun(state)) return isComing(state) ? dispatch({ kind: 'early' }) : undefined;
    const read = askedOf(summaryOf(state), state, hasDecoder(state));
    if (!read.ok) return dispatch({ kind: 'problem', error: read.error });
    if (takesTokens(summaryOf(state)) && isEmpty(state.draft)) return dispatch({ kind: 'problem', error: new CogscopeError('usage', 'The prompt is empty', 'Type at least one token').data });
    await this.start({ prompt: read.prompt, ...(read.prompts ? { prompts: read.prompts } : {}), ...(read.image === undefined ? {} : { image: read.image }) }, state.edits);
  }

  /** Stops the run; what has come stays. */
  cancel(): void {
    if (isRunning(this.store.state.run)) this.store.dispatch({ kind: 'cancelled' });
    this.abort?.abort();
  }

  /** After a question about a finished run: whether the engine no longer keeps it, and then the run is made again. */
  async wasLost(thrown: unknown): Promise<boolean> {
    const { code } = CogscopeError.describe(thrown);
    // A mean is not one prompt's run, and many runs are not made unasked.
    if (this.store.state.run?.mean) return false;
    if (code !== 'usage' || this.lost >= MOST_LOST) return false;
    this.lost++;
    await this.again();
    return true;
  }

  /** A number for a run that is made beside the panel's own. */
  next(): number {
    return ++this.serial;
  }

  /** The values of a mask input, among those that a run is given. */
  maskOf(inputs: InputValues): readonly number[] | undefined {
    const mask = summaryOf(this.store.state)?.inputs.find((input) => input.role === 'mask');
    return mask && inputs[mask.name];
  }

  /** A question about the run was answered. */
  answered(): void {
    this.lost = 0;
  }

  /** The last run once more, whatever has been typed since; what is typed, where there was none. */
  private async again(): Promise<void> {
    await (this.last ? this.start(this.last.asked, this.last.edits) : this.run());
  }

  private async start(asked: Asked, edits: InputValues): Promise<void> {
    const { dispatch } = this.store;
    this.last = { asked, edits };
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    const serial = ++this.serial;
    const started = performance.now();
    dispatch({ kind: 'asked', serial, key: promptKey(asked, edits) });
    try {
      const inputs = await this.inputs(asked.prompt, edits, abort.signal);
      if (this.serial !== serial) return;
      dispatch({ kind: 'masked', serial, mask: this.maskOf(inputs) });
      const result = await this.host.call('run', { ...asked, inputs, patterns: true }, {
        signal: abort.signal,
        onProgress: (body) => dispatch({ kind: 'progress', serial, ms: performance.now() - started, progress: body as RunProgress }),
      });
      dispatch({ kind: 'ended', serial, result });
    } catch (error) {
      dispatch({ kind: 'failed', serial, error: CogscopeError.describe(error) });
    }
  }

  /** Changed values, fitted to the prompt's length, which only the engine knows. */
  async inputs(prompt: Prompt, edits: InputValues, signal: AbortSignal): Promise<InputValues> {
    if (Object.keys(edits).length === 0) return {};
    const { tokens, filled } = await this.host.call('tokenize', { prompt }, { signal });
    return runInputs(edits, filled, tokens.length);
  }
}
