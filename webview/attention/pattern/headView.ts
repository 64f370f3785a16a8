/** What an opened head is drawn as: its pattern, or what lies behind it; with how its numbers become levels. */
import type { PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { ABSENT, divergingLevel } from '../../lib/color/diverging.ts';
import { MASKED, NAN_LEVEL } from '../../lib/color/levels.ts';
import type { ScaleName } from '../../lib/color/levels.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { tileField } from './field.ts';

export const headViews = ['pattern', 'scores', 'weighted', 'effect', 'rollout', 'lines'] as const;
export type HeadView = (typeof headViews)[number];

/** Which numbers a view shows: lines are another drawing of the pattern. */
export type TileView = Exclude<HeadView, 'lines'>;
export const tileViewOf = (view: HeadView): TileView => (view === 'lines' ? 'pattern' : view);

export const viewWords: Readonly<Record<HeadView, string>> = {
  pattern: 'attention weights', scores: 'scores before the softmax', weighted: 'value-weighted: norm of what is moved', effect: 'effect on a token’s logit', rollout: 'rollout to this layer, all heads', lines: 'lines between tokens',
};

/** What one number is called, in a line of words. */
export const numberWords: Readonly<Record<TileView, string>> = { pattern: 'weight', scores: 'score before the softmax', weighted: 'norm of what is moved', effect: 'adds to the logit', rollout: 'rollout, all heads' };

export const viewAbout: Readonly<Record<HeadView, string>> = {
  pattern: 'How much each token reads of each other one; a row adds up to one.',
  scores: 'Query times key, scaled, with the mask and any bias: what enters the softmax. Only differences within a row matter.',
  weighted: 'Weight times the length of what it moves through W_O: a large weight on a small value moves little. Kobayashi et al., Attention is Not Only a Weight (2020).',
  effect: 'What each source adds to the logit through this head: weight times value through W_O, the final norm at its scale in this run, and the unembedding; raw weights. Elhage et al. (2021).',
  rollout: 'How much of each token’s input would stand here if attention only mixed states and half of each were kept: an assumption, not a measurement. Abnar and Zuidema, Quantifying Attention Flow (2020).',
  lines: 'A line for each weight, the stronger the fuller; the chosen token’s are drawn on top.',
};

/** The largest finite size in a tile: the end of its scale. Weights and rollout end at 1. */
export function limitOf(tile: PatternTile, view: TileView): number {
  if (view === 'pattern' || view === 'rollout') return 1;
  const known = limits.get(tile);
  if (known !== undefined) return known;
  let most = 0;
  for (const value of tile.values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  limits.set(tile, most || 1);
  return most || 1;
}

const limits = new WeakMap<PatternTile, number>();

/** Whether a view's numbers have either sign. */
export const diverges = (view: HeadView): boolean => view === 'scores' || view === 'effect';

/** A tile of any view on its empty field; scores and effects on the diverging scale, where −∞ is nothing at all, nor is 0 where the mask forbids. */
export function viewField(empty: Field, tile: PatternTile, view: TileView, scale: ScaleName): Field {
  const limit = limitOf(tile, view);
  if (!diverges(view)) return tileField(empty, limit === 1 ? tile : { ...tile, values: tile.values.map((value) => value / limit) }, scale);
  const { rows, cols } = empty;
  const levels = new Uint8Array(rows * cols).fill(ABSENT);
  const strongest = new Float32Array(rows * cols).fill(-1);
  for (let row = 0; row < tile.rows; row++) {
    const target = Math.floor((row * rows) / tile.rows) * cols;
    for (let col = 0; col < tile.cols; col++) {
      const value = tile.values[row * tile.cols + col] ?? NaN;
      const at = target + Math.floor((col * cols) / tile.cols);
      if (value === 0 && empty.levels[at] === MASKED) continue;
      if (Number.isNaN(value)) levels[at] = NAN_LEVEL;
      else if (Number.isFinite(value) && levels[at] !== NAN_LEVEL && Math.abs(value) > (strongest[at] ?? -1)) [levels[at], strongest[at]] = [divergingLevel(value, limit), Math.abs(value)];
    }
  }
  return { rows, cols, levels };
}
