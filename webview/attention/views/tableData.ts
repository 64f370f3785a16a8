/** What the table of attention holds: of the opened head its cells, of all heads a row a destination; of a mean the spread too, of two prompts side by side both. */
import { spreadAt } from '../model/average.ts';
import { besideRun, besideState, isBeside } from '../model/beside.ts';
import { addressOf, layerKey, placeOf } from '../model/heads.ts';
import { layerOf, layersInOrder, missingOf, patternsOf, visibilityOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { rowsOfHead, rowsOfLayers } from '../table/data.ts';
import type { TableData } from '../table/data.ts';
import { besideRowsOfHead, besideRowsOfLayers, withSpread } from '../table/further.ts';
import type { Panel } from './panel.ts';

export interface TableSource {
  /** What the data are made of: the same parts, the same data. */
  readonly parts: readonly unknown[];
  /** Undefined while the head has not come. */
  readonly make: () => TableData | undefined;
  /** The title of the column of weights. */
  readonly title: string;
}

export function tableSource(panel: Panel, state: State): TableSource {
  if (isBeside(state)) return besideSource(panel, state);
  const { run, head, place } = state;
  const tile = place === 'head' && head && run ? panel.tiles.peek(run, head) : undefined;
  const spread = tile && head && run ? panel.tiles.peekSpread(run, head) : undefined;
  const mean = run?.mean;
  return {
    parts: place === 'head' ? [tile, head && addressOf(head), spread] : [patternsOf(state), mean?.spreads],
    title: run?.difference ? 'Second − first' : mean ? 'Mean' : 'Weight',
    make: () => {
      if (place === 'grid') {
        const data = rowsOfLayers(layersInOrder(state), (layer) => missingOf(state, placeOf(layer)));
        return mean ? withSpread(data, (one, row, col) => {
          const layer = patternsOf(state).get(layerKey(one));
          return layer && spreadAt(mean, layer, one, row, col);
        }) : data;
      }
      const data = head && tile ? rowsOfHead(head, tile, visibilityOf(state, head, tile), missingOf(state, head)) : undefined;
      return data && mean ? withSpread(data, (_, row, col) => spread?.values[row * spread.cols + col]) : data;
    },
  };
}

function besideSource(panel: Panel, state: State): TableSource {
  const { head, place, run } = state;
  const difference = run?.difference;
  const states = { first: besideState(state, 'first'), second: besideState(state, 'second') };
  const tileOf = (side: 'first' | 'second') => (place === 'head' && head && difference ? panel.tiles.peek(besideRun(state, difference, side), head) : undefined);
  const [first, second] = [tileOf('first'), tileOf('second')];
  return {
    parts: place === 'head' ? [first, second, head && addressOf(head)] : [difference],
    title: 'First',
    make: () => {
      if (place === 'grid') {
        return besideRowsOfLayers(layersInOrder(states.first).flatMap((own) => {
          const other = layerOf(states.second, placeOf(own));
          return other ? [{ first: own, second: other }] : [];
        }));
      }
      return head && first && second ? besideRowsOfHead(head, { first, second }, visibilityOf(states.first, head, first), { first: missingOf(states.first, head), second: missingOf(states.second, head) }) : undefined;
    },
  };
}
