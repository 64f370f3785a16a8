/** The field of the opened head, made anew where head, weights, scale, mask or fineness changed. */
import type { Field } from '../../lib/matrix/field.ts';
import { layerOf, visibilityOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { emptyField, headField } from '../pattern/field.ts';
import { tileViewOf, viewField } from '../pattern/headView.ts';
import type { Panel } from './panel.ts';

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
    const view = tileViewOf(state.view);
    const tile = panel.tiles.peek(run, head, view);
    const fineness = Math.min(finest, Math.max(layer.rows, layer.cols));
    const next = [head, layer, tile, view, state.scale, fineness, run.mask];
    if (next.every((part, index) => part === made[index])) return field;
    made = next;
    const empty = emptyField(visibilityOf(state, head, layer), fineness);
    if (tile) return field = viewField(empty, tile, view, state.scale);
    return field = view === 'pattern' ? headField(empty, layer, head.head, state.scale) : undefined;
  };
}
