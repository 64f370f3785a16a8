/** The engine's methods for experiments. */
import type { Experiment } from '../experiment/experiment.ts';
import type { CellValues, ExperimentOutcome } from '../experiment/result.ts';
import type { PositionPredictions } from './engineApi.ts';

export interface ExperimentParams {
  /** Paths in it are absolute here. */
  readonly experiment: Experiment;
  /** Cells that an earlier run of the same experiment has, which are not run again. */
  readonly known?: CellValues;
}

export interface PatchedRunParams {
  readonly experiment: Experiment;
  /** Index of the pair. */
  readonly pair: number;
  /** Of a cell. */
  readonly address: string;
}

/** One patched run beside the two it was made from. */
export interface PatchedRun {
  readonly address: string;
  /** Top predictions at the measured position. */
  readonly clean: PositionPredictions;
  readonly corrupted: PositionPredictions | null;
  readonly patched: PositionPredictions;
  /** How far the patched run's states are from those of the run that was edited: Euclidean norms of the difference, [layers, positions] of hook_resid_post. */
  readonly change: { readonly layers: number; readonly positions: number; readonly norms: Float32Array };
  /** The same between the two unpatched runs, as the scale; null where there is only one. */
  readonly between: Float32Array | null;
  readonly metric: number;
  readonly unchanged: boolean;
}

export interface ExperimentApi {
  /** Runs an experiment; reports ExperimentProgress. */
  experiment(params: ExperimentParams): Promise<ExperimentOutcome>;
  /** One cell of an experiment in full, for one of its pairs. */
  patchedRun(params: PatchedRunParams): Promise<PatchedRun>;
}
