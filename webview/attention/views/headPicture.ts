/** The field of the opened head, made anew where head, weights, scale, mask or fineness changed, and its colours. */
import type { Palette } from '../../lib/color/palette.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { layerOf, missingOf, viewOf, visibilityOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { emptyBeside, emptyDifference, layerDifference, tileDifference } from '../pattern/difference.ts';
import { emptyField, headField } from '../pattern/field.ts';
import { diverges, tileViewOf, viewField } from '../pattern/headView.ts';
import type { Panel } from './panel.ts';

/** What is above and below 0 has two colours. */
export const paletteOf = (panel: Panel, state: State): Palette => (state.run?.difference || diverges(viewOf(state)) ? panel.ink().diverging : panel.ink().palette);

/** `finest`: cells along a side at most; undefined while the head has not come. */
export function headPicture(panel: Panel): (state: State, finest: number) => Field | undefined {
  let field: Field | undefined;
  let made: readonly unknown[] = [];
  return (state, finest) => {
    const { head, run } = state;
    const layer = head && layerOf(state, head);
    if (!head || !run || !layer) {
      made = [];
      return field = undefined;
    }
    const view = tileViewOf(viewOf(state));
    const tile = panel.tiles.peek(run, head, view);
    const fineness = Math.min(finest, Math.max(layer.rows, layer.cols));
    const next = [head, layer, tile, view, state.scale, fineness, run.mask];
    if (next.every((part, index) => part === made[index])) return field;
    made = next;
    if (run.difference) {
      const missing = missingOf(state, head);
      const none = emptyDifference(visibilityOf(state, head, layer), fineness, missing);
      return field = tile ? tileDifference(none, tile, run.difference.limit, missing) : layerDifference(none, layer, head.head, run.difference.limit);
    }
    const open = visibilityOf(state, head, layer);
    const empty = run.beside ? emptyBeside(open, fineness, missingOf(state, head)) : emptyField(open, fineness);
    if (tile) return field = viewField(empty, tile, view, state.scale);
    return field = view === 'pattern' ? headField(empty, layer, head.head, state.scale) : undefined;
  };
}
