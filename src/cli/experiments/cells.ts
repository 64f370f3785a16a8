/** The cells of one experiment as they arrive, so that an interrupted sweep still has them and another engine can go on from them. */
import { countRun, noCells } from '../../shared/experiment/result.ts';
import type { CellValues, ExperimentFrame, ExperimentOutcome, ExperimentProgress } from '../../shared/experiment/result.ts';

export class CellsSoFar {
  private frame: ExperimentFrame | undefined;
  private values: CellValues | undefined;
  private readonly started = performance.now();

  /** What another engine need not run again. */
  get known(): CellValues | undefined {
    return this.values;
  }

  get count(): number {
    return this.values ? countRun(this.values) : 0;
  }

  /** What is missing is not run; undefined before anything is known. */
  get outcome(): ExperimentOutcome | undefined {
    return this.frame && this.values ? { frame: this.frame, ...this.values, passes: this.count, ms: performance.now() - this.started } : undefined;
  }

  take(progress: ExperimentProgress): void {
    if (progress.kind === 'frame') this.begin(progress.frame);
    if (progress.kind !== 'cells' || !this.values) return;
    const { metrics, unchanged } = this.values;
    progress.indices.forEach((index, at) => {
      metrics[index] = progress.metrics[at] ?? NaN;
      unchanged[index] = progress.unchanged[at] ?? 0;
    });
  }

  /** A frame of the same size comes from an engine that goes on. */
  private begin(frame: ExperimentFrame): void {
    const size = frame.addresses.length * frame.pairs.length;
    this.frame = frame;
    if (this.values?.metrics.length !== size) this.values = noCells(size);
  }
}
