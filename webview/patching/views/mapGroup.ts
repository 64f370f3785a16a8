/** Heat maps with the same rows and columns on one grid: labels once a line and once a column. */
import type { ExperimentFrame } from '../../../src/shared/experiment/result.ts';
import type { Palette } from '../../lib/color/palette.ts';
import { h } from '../../lib/dom.ts';
import { axisLabels } from '../../lib/matrix/axisLabels.ts';
import type { AxisLabels } from '../../lib/matrix/axisLabels.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { GAP, mapsSize, TITLE } from '../geometry/maps.ts';
import type { MapsSize } from '../geometry/maps.ts';
import { axisLabelsOf, isFlat, roomOf } from '../model/labels.ts';
import type { Picture, Place } from '../model/pictures.ts';
import { mapView } from './map.ts';
import type { Room } from './panel.ts';

/** What is drawn: levels of each picture, in the colours of a palette. */
export interface Drawn {
  readonly pictures: readonly Picture[];
  readonly fieldOf: (picture: Picture) => Field;
  readonly palette: Palette;
  /** For the tokens along the axes. */
  readonly frame: Pick<ExperimentFrame, 'pairs'>;
}

export interface MapGroup {
  readonly element: HTMLElement;
  /** Number of its first map among all. */
  readonly first: number;
  readonly count: number;
  /** Maps beside each other, as they were last laid out. */
  perLine(): number;
  paint(drawn: Drawn, room: Room): void;
  /** The crosshair, by the number of the map among all. */
  point(at: Place | null): void;
}

export interface GroupEvents {
  readonly point: (at: Place) => void;
  readonly choose: (at: Place) => void;
  readonly leave: () => void;
}

/** CSS pixels at the right of all maps. */
const PADDING = 4;
/** CSS pixels from one upright label to the next, and the height of a line of them. */
const [FLAT_PITCH, FLAT_ROOM] = [30, 20];
const NOTHING = { count: 1, size: 1 } as const;

export function mapGroup(pictures: readonly Picture[], first: number, on: GroupEvents): MapGroup {
  const [picture] = pictures;
  const maps = pictures.map(({ title }, index) => mapView(title, {
    point: (row, col) => on.point({ picture: first + index, row, col }), choose: (row, col) => on.choose({ picture: first + index, row, col }), leave: on.leave,
  }));
  const flat = picture ? isFlat(picture.columns) : true;
  const element = h('div', { class: `maps-group${flat ? ' maps-flat' : ''}` });
  const hasTitles = pictures.some(({ title }) => title !== '');
  let laidOut = 0;
  let size: MapsSize | undefined;
  let frame: Drawn['frame'] = { pairs: [] };
  let [columns, rows]: [AxisLabels[], AxisLabels[]] = [[], []];

  const layOut = (perLine: number): void => {
    laidOut = perLine;
    columns = Array.from({ length: perLine }, () => axisLabels('cols', picture?.columns.name ?? '', flat ? FLAT_PITCH : undefined));
    rows = Array.from({ length: Math.ceil(maps.length / perLine) }, () => axisLabels('rows', picture?.rows.name ?? ''));
    element.replaceChildren(
      h('div', { class: 'maps-corner' }), ...columns.map((axis) => axis.element),
      ...rows.flatMap((axis, line) => [axis.element, ...maps.slice(line * perLine, (line + 1) * perLine).map((map) => map.element)]));
  };

  return {
    element, first, count: maps.length,
    perLine: () => laidOut,
    paint: (drawn, room) => {
      if (!picture) return;
      ({ frame } = drawn);
      const [left, top] = [roomOf(picture.rows), flat ? FLAT_ROOM : roomOf(picture.columns)];
      size = mapsSize({
        width: room.width - left - GAP - PADDING, height: room.height - top, maps: maps.length, devicePixelRatio,
        rows: Math.max(...pictures.map((one) => one.rows.labels.length)), cols: picture.columns.labels.length,
      });
      if (laidOut !== size.perLine) layOut(size.perLine);
      const css = { '--map-width': size.across.size / devicePixelRatio, '--map-left': left, '--map-top': top, '--map-title': hasTitles ? TITLE : 0, '--map-gap': GAP };
      for (const [name, value] of Object.entries(css)) element.style.setProperty(name, `${value}px`);
      element.style.setProperty('--map-columns', String(size.perLine));
      for (const axis of columns) {
        axis.element.style.setProperty('--labels', `${top}px`);
        axis.show(axisLabelsOf(picture.columns, frame), size.across, 0, size.across.size);
      }
      for (const axis of rows) {
        axis.element.style.setProperty('--labels', `${left}px`);
        axis.show(axisLabelsOf(picture.rows, frame), size.down, 0, size.down.size);
      }
      maps.forEach((map, index) => map.paint(drawn.fieldOf(pictures[index] ?? picture), drawn.palette, size as MapsSize));
    },
    point: (at) => {
      const index = at ? at.picture - first : -1;
      const isHere = index >= 0 && index < maps.length;
      maps.forEach((map, number) => map.point(number === index ? at : null));
      if (!picture) return;
      columns.forEach((axis, column) => axis.point(isHere && index % laidOut === column ? axisLabelsOf(picture.columns, frame) : () => undefined, size?.across ?? NOTHING, at?.col ?? 0));
      rows.forEach((axis, line) => axis.point(isHere && Math.floor(index / laidOut) === line ? axisLabelsOf(picture.rows, frame) : () => undefined, size?.down ?? NOTHING, at?.row ?? 0));
    },
  };
}
