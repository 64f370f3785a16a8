/** What others say of neurons, imported beside our own readings. Plain data: it crosses process boundaries. */

export interface NeuronDescription {
  readonly text: string;
  /** Who says so, as the list has it; the list's file name where it does not tell. */
  readonly source: string;
  /** As the list has it, whatever its scale; null where it has none. */
  readonly score: number | null;
}

export interface DescriptionsImported {
  readonly neurons: number;
  readonly descriptions: number;
  readonly sources: readonly string[];
  /** Descriptions of the same sources that were there before and are gone. */
  readonly replaced: number;
}
