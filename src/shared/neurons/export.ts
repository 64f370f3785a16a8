/** Neurons or rows that are written. */
export interface NeuronExportProgress {
  readonly done: number;
  readonly of: number;
}
