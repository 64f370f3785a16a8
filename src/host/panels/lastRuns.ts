/** The last finished run of each model's attention panel: what other views of the same prompt are drawn from. */
import type { Prompt, RunResult } from '../../shared/protocol/engineApi.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';

export interface LastRun {
  readonly handle: ModelHandle;
  readonly prompt: Prompt;
  readonly result: RunResult;
}

export class LastRuns {
  private readonly runs = new Map<ModelHandle, LastRun>();

  keep(run: LastRun): void {
    this.runs.delete(run.handle);
    this.runs.set(run.handle, run);
  }

  /** The panel has gone. */
  forget(handle: ModelHandle): void {
    this.runs.delete(handle);
  }

  /** The latest run of a text. */
  ofText(text: string): LastRun | undefined {
    return [...this.runs.values()].reverse().find(({ prompt }) => prompt.kind === 'text' && prompt.text === text);
  }
}
