/** Runs an experiment's file without a panel, with progress that can be cancelled. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { ExperimentOutcome, ExperimentProgress } from '../../shared/experiment/result.ts';
import { counted } from '../../shared/format.ts';
import type { Models } from '../engine/models.ts';
import type { Experiments } from './experiments.ts';

export interface RunServices {
  readonly models: Models;
  readonly experiments: Experiments;
}

export interface FileToRun {
  readonly uri: vscode.Uri;
  /** With absolute paths. */
  readonly experiment: Experiment;
}

/** Opens the model for as long as it runs. */
export async function runOn({ models, experiments }: RunServices, { uri, experiment }: FileToRun, signal: AbortSignal, progress?: (step: ExperimentProgress) => void): Promise<ExperimentOutcome> {
  const reference = models.acquire(vscode.Uri.file(experiment.model));
  try {
    const { state } = await reference.handle.settled();
    if (state.kind === 'error') throw CogscopeError.from(state.error);
    return await experiments.run({ handle: reference.handle, experiment, source: uri, resume: false, signal, ...(progress ? { progress } : {}) });
  } finally {
    reference.dispose();
  }
}

export async function runFile(services: RunServices, { title, ...file }: FileToRun & { readonly title: string }): Promise<ExperimentOutcome> {
  const controller = new AbortController();
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (bar, token) => {
    token.onCancellationRequested(() => controller.abort());
    let done = 0;
    return runOn(services, file, controller.signal, (step) => {
      if (step.kind === 'step') bar.report({ message: step.what });
      if (step.kind !== 'cells' || step.of === 0) return;
      bar.report({ message: `${step.done} of ${counted(step.of, 'cell')}`, increment: Math.max(0, (100 * (step.done - done)) / step.of) });
      done = step.done;
    });
  });
}
