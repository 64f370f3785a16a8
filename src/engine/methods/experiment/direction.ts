/** The direction of a steering: out of a file, or what the experiment's own prompts differ by (Turner et al. 2023, "Activation Addition", section 3). */
import { CogscopeError } from '../../../shared/errors.ts';
import type { PromptDifference, Steering } from '../../../shared/experiment/experiment.ts';
import { counted, significant } from '../../../shared/format.ts';
import { stretches } from '../../analysis/slab.ts';
import type { Selection } from '../../analysis/slab.ts';
import { readInputFile } from '../../io/inputFile.ts';
import { toFloat32 } from '../../ort/tensor.ts';
import { predictingTower } from '../../program/chain.ts';
import type { TowerTokens } from '../prompt.ts';
import type { Context } from './context.ts';
import type { SitePlace } from './sites.ts';

export interface Direction {
  /** As wide as the site at one position. */
  readonly vector: Float32Array;
  readonly notes: readonly string[];
}

interface Added {
  readonly place: SitePlace;
  readonly at: Selection;
}

/** Throws 'usage' where a prompt does not have the position. */
export async function directionOf(context: Context, { direction, address }: Steering, added: Added): Promise<Direction> {
  // One vector, under the key "direction" where the file has keys.
  if (typeof direction === 'string') return { vector: toFloat32(await readInputFile(direction, 'direction')), notes: [] };
  if (added.place.entry.axes.includes('src')) throw new CogscopeError('usage', `Prompts have no difference of patterns, which are as wide as they are long (${address})`, 'Steer a state, an output or a head');
  const vector = await difference(context, direction, added);
  const [more, less] = direction.from.split(' - ');
  const where = direction.position === 'mean' ? 'a mean over positions' : `at position ${direction.position}`;
  return { vector, notes: [`The direction is ${more} less ${less}, ${where}, a mean over ${counted(context.pairs.length, 'pair')}; its norm is ${significant(Math.hypot(...vector))}`] };
}

async function difference(context: Context, { from, position }: PromptDifference, added: Added): Promise<Float32Array> {
  let sum = new Float64Array();
  for (const { clean, corrupted, position: measured } of context.pairs) {
    if (!corrupted) throw new CogscopeError('internal', 'A pair without a corrupted prompt');
    for (const [tokens, sign] of [[clean, 1], [corrupted, -1]] as const) {
      const part = await activation(context, { tokens, measured, position }, added);
      if (sum.length === 0) sum = new Float64Array(part.length);
      part.forEach((value, index) => (sum[index] = (sum[index] ?? 0) + sign * value));
    }
  }
  const scale = (from === 'clean - corrupted' ? 1 : -1) / context.pairs.length;
  return Float32Array.from(sum, (value) => value * scale);
}

interface Read {
  readonly tokens: TowerTokens;
  /** Whose logits the experiment measures, of the clean prompt. */
  readonly measured: number;
  readonly position: PromptDifference['position'];
}

/** Of one prompt, where the direction is to be added. */
async function activation(context: Context, { tokens, measured, position }: Read, { place: { entry }, at }: Added): Promise<Float64Array> {
  const predicting = tokens.get(predictingTower(context.session.anatomy)?.name ?? '') ?? [];
  const { kept } = await context.runs.of(tokens, Math.min(measured, predicting.length - 1));
  const tensor = kept.get(entry.place.value);
  if (!tensor) throw new CogscopeError('internal', `${entry.address} was not kept`);
  const values = toFloat32(tensor);
  const length = tokens.get(entry.tower.name)?.length ?? 0;
  const positions = position === 'mean' ? Array.from({ length }, (_, index) => index) : [position];
  const rows = positions.map((one) => stretches(tensor, entry.place, { batch: 1, pos: length }, 0, { ...at, position: one }).flatMap(({ from, length: size }) => [...values.subarray(from, from + size)]));
  return Float64Array.from(rows[0] ?? [], (_, index) => rows.reduce((sum, row) => sum + (row[index] ?? 0), 0) / rows.length);
}
