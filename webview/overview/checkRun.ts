/** The checks of one reading of a model: asked for, cancelled, and what came of them. */
import { CogscopeError } from '../../src/shared/errors.ts';
import type { ErrorData } from '../../src/shared/errors.ts';
import type { OverviewPanelApi } from '../../src/shared/protocol/panelApi.ts';
import type { CheckReport } from '../../src/shared/summary.ts';
import type { Host } from '../lib/connect.ts';

export type CheckState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly report: CheckReport }
  | { readonly kind: 'failed'; readonly error: ErrorData };

export class CheckRun {
  private readonly host: Host<OverviewPanelApi>;
  private readonly onChange: (state: CheckState) => void;
  private current: CheckState = { kind: 'none' };
  private running: AbortController | undefined;

  constructor(host: Host<OverviewPanelApi>, onChange: (state: CheckState) => void) {
    this.host = host;
    this.onChange = onChange;
  }

  get state(): CheckState {
    return this.current;
  }

  /** Begins anew with what is known of another reading; what runs for the last one is cancelled and says nothing more. */
  reset(report: CheckReport | null): void {
    const { running } = this;
    this.running = undefined;
    running?.abort();
    this.set(report === null ? { kind: 'none' } : { kind: 'done', report });
  }

  /** A run that is cancelled leaves what was there before it. */
  cancel(): void {
    this.running?.abort();
  }

  async run(): Promise<void> {
    if (this.current.kind === 'running') return;
    const before = this.current;
    const abort = new AbortController();
    this.running = abort;
    this.set({ kind: 'running' });
    const after = await this.outcome(abort.signal, before);
    if (this.running === abort) this.set(after);
  }

  private async outcome(signal: AbortSignal, before: CheckState): Promise<CheckState> {
    try {
      return { kind: 'done', report: await this.host.call('check', {}, { signal }) };
    } catch (thrown) {
      const error = CogscopeError.describe(thrown);
      return error.code === 'cancelled' ? before : { kind: 'failed', error };
    }
  }

  private set(state: CheckState): void {
    this.current = state;
    this.onChange(state);
  }
}
