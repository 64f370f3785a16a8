/** All heat maps of a result. */
import type { ExperimentFrame } from '../../../src/shared/experiment/result.ts';
import { fieldOf } from '../model/field.ts';
import { limitOf, measureOf } from '../model/measure.ts';
import { picturesOf } from '../model/pictures.ts';
import type { Picture } from '../model/pictures.ts';
import { cellWords } from '../model/words.ts';
import { contextOf } from './context.ts';
import { heatMaps } from './heatMaps.ts';
import type { Panel, Room, View } from './panel.ts';

export interface MapsView extends View {
  focus(): void;
}

export function mapsView(panel: Panel, room: () => Room): MapsView {
  const maps = heatMaps({
    point: (cell) => {
      const { run } = panel.state();
      panel.say(run && cell !== null ? cellWords(run, cell) : '');
    },
    select: (cell, open) => panel.dispatch(open ? { kind: 'inspect', cell } : { kind: 'select', cell }),
    context: (cell) => contextOf(panel.state().run, cell),
  });
  let pictures: readonly Picture[] = [];
  let drawn: ExperimentFrame | null = null;

  return {
    element: maps.element,
    focus: maps.focus,
    update: (state) => {
      const { run, cell } = state;
      const frame = run?.frame ?? null;
      if (frame !== drawn) [drawn, pictures] = [frame, frame ? picturesOf(frame) : []];
      maps.element.hidden = frame === null;
      if (!run || !frame) return;
      const measure = measureOf(state);
      const scale = { measure, limit: limitOf(run.cells, measure) };
      maps.update({ pictures, frame, palette: panel.ink().diverging, fieldOf: (picture) => fieldOf(run, picture, scale) }, {
        room: room(), cell, label: cell === null ? 'Heat map of all cells; arrow keys choose one' : cellWords(run, cell),
      });
    },
  };
}
