/** A cell of a mean over prompts. */
import type { LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { spreadAt } from '../model/average.ts';
import type { Head } from '../model/heads.ts';
import type { State } from '../model/state.ts';
import type { MeanCell } from './words.ts';

/** `spread`: the head's whole one, where it is here. Undefined where no mean is shown. */
export function meanCell({ run }: State, layer: LayerPatterns, head: Head, row: number, col: number, spread?: PatternTile): MeanCell | undefined {
  const mean = run?.mean;
  return mean && { prompts: mean.prompts, spread: spread ? spread.values[row * spread.cols + col] : spreadAt(mean, layer, head, row, col) };
}
