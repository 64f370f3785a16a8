/** All heads of a tower as small multiples: a row a layer, a column a head. The frame stands before any pattern has come. */
import './grid.css';
import type { AttentionKind } from '../../../src/shared/addresses.ts';
import type { TowerSummary } from '../../../src/shared/summary.ts';
import { h } from '../../lib/dom.ts';
import { labelStep } from '../../lib/geometry/axis.ts';
import { gapPixels } from '../geometry/grid.ts';
import { gridRows } from '../model/heads.ts';
import { patternsOf, withdrawnLayers } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { gridRow } from './gridRow.ts';
import type { GridRowView } from './gridRow.ts';
import type { Panel } from './panel.ts';

export interface TowerGrid {
  readonly element: HTMLElement;
  /** `side` is a head's, in CSS pixels. */
  update(state: State, previous: State | null, side: number): void;
}

/** CSS pixels that a column's label needs. */
const LABEL_ROOM = 26;

/** Rows this far beyond what is seen are drawn too: a page's height. */
const NEAR = '100%';

export function towerGrid(panel: Panel, tower: TowerSummary, kind: AttentionKind): TowerGrid {
  const letter = kind === 'cross' ? 'X' : 'H';
  const top = h('div', { class: 'heads-top', role: 'row' });
  const rows = new Map<number, GridRowView>();
  const byElement = new Map<Element, GridRowView>();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) byElement.get(target)?.near(isIntersecting);
  }, { scrollMargin: NEAR });
  const element = h('div', { class: 'heads', role: 'grid', 'aria-label': `${kind === 'cross' ? 'Cross attention heads' : 'Attention heads'}${tower.name === '' ? '' : ` of ${tower.name}`}` }, top);
  for (const block of tower.blocks) {
    const row = gridRow(panel, tower.name, kind, block);
    rows.set(block.index, row);
    byElement.set(row.element, row);
    watch.observe(row.element);
    element.append(row.element);
  }
  let [columns, drawnSide] = [-1, 0];

  return {
    element,
    update: (state, previous, side) => {
      const frame = gridRows(tower, kind, patternsOf(state), withdrawnLayers(state));
      const widest = Math.max(...frame.map((row) => row.heads ?? 0), 1);
      if (widest !== columns || side !== drawnSide) {
        [columns, drawnSide] = [widest, side];
        element.style.setProperty('--side', `${side}px`);
        const gap = gapPixels(devicePixelRatio) / devicePixelRatio;
        element.style.setProperty('--gap', `${gap}px`);
        element.style.setProperty('--heads', String(widest));
        const step = labelStep({ count: widest, size: widest * (side + gap) }, LABEL_ROOM);
        top.replaceChildren(h('div', { class: 'heads-corner', role: 'columnheader' }, h('span', { class: 'spoken' }, 'Layer')),
          ...Array.from({ length: widest }, (_, head) => h('div', { class: 'heads-label', role: 'columnheader' }, head % step === 0 ? `${letter}${head}` : h('span', { class: 'spoken' }, `${letter}${head}`))));
      }
      for (const row of frame) rows.get(row.layer)?.update(state, previous, row.heads, side);
    },
  };
}
