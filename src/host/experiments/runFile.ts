/** Runs an experiment's file without a panel, with progress that can be cancelled. */
import * as vscode from 'vscode';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { ExperimentOutcome, ExperimentProgress } from '../../shared/experiment/result.ts';
import { counted } from '../../shared/format.ts';
import type { Models } from '../engine/models.ts';
import { withBar } from '../util/progressBar.ts';
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
  return models.use(vscode.Uri.file(experiment.model), (handle) =>
    experiments.run({ handle, experiment, source: uri, resume: false, signal, ...(progress ? { progress } : {}) }));
}

export async function runFile(services: RunServices, { title, ...file }: FileToRun & { readonly title: string }): Promise<ExperimentOutcome> {
  return withBar(title, (bar, signal) => {
    let done = 0;
    return runOn(services, file, signal, (step) => {
      if (step.kind === 'step') bar.report({ message: step.what });
      if (step.kind !== 'cells' || step.of === 0) return;
      bar.report({ message: `${step.done} of ${counted(step.of, 'cell')}`, increment: Math.max(0, (100 * (step.done - done)) / step.of) });
      done = step.done;
    });
  });
}
