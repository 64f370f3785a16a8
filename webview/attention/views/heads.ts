/** The grids of all towers, and the keys that move among their heads. */
import { towerNames } from '../../../src/shared/addresses.ts';
import type { AttentionKind } from '../../../src/shared/addresses.ts';
import { capitalised } from '../../../src/shared/format.ts';
import type { TowerSummary } from '../../../src/shared/summary.ts';
import { h } from '../../lib/dom.ts';
import { headSide } from '../geometry/grid.ts';
import { addressOf, gridRows, kindsOf, stepHead } from '../model/heads.ts';
import type { Step } from '../model/heads.ts';
import { headsOf, patternsOf, summaryOf, withdrawnLayers } from '../model/read.ts';
import { towerGrid } from './grid.ts';
import type { TowerGrid } from './grid.ts';
import type { Panel, View } from './panel.ts';

const steps: Readonly<Record<string, Step>> = {
  ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', Home: 'first', End: 'last', PageUp: 'top', PageDown: 'bottom',
};

/** CSS pixels beside the heads: the label, and air at the right. */
const BESIDE = 36;

export interface Room {
  readonly width: number;
  /** What a picture may take. */
  readonly height: number;
  /** What is left below the prompt: for what scrolls by itself. */
  readonly rest: number;
}

export function headsView(panel: Panel, room: () => Room): View {
  const element = h('div', { class: 'towers', onkeydown: (event) => move(panel, event, element), onmousedown: selectNothing });
  let parts: readonly { readonly tower: TowerSummary; readonly kind: AttentionKind; readonly grid: TowerGrid }[] = [];
  let towersBefore: unknown;
  let drawn = '';
  return {
    element,
    update: (state, previous) => {
      const towers = summaryOf(state)?.towers ?? [];
      // The host tells the whole model again at every change of its engine; the same towers keep their elements, and the focus.
      const next = towers === towersBefore ? drawn : JSON.stringify(towers);
      towersBefore = towers;
      if (next !== drawn) {
        drawn = next;
        parts = towers.flatMap((tower) => kindsOf(tower).map((kind) => ({ tower, kind, grid: towerGrid(panel, tower, kind) })));
        element.replaceChildren(...parts.flatMap(({ tower, kind, grid }) => (parts.length > 1 ? [h('h3', { class: 'section-head' }, partTitle(tower, kind)), grid.element] : [grid.element])));
        previous = null;
      }
      const { width, height } = room();
      parts.forEach(({ tower, kind, grid }) => {
        const rows = gridRows(tower, kind, patternsOf(state), withdrawnLayers(state));
        const side = headSide({
          width: width - BESIDE, height, devicePixelRatio, layers: rows.length, heads: Math.max(...rows.map((row) => row.heads ?? 0), 1),
        });
        grid.update(state, previous, side);
      });
    },
  };
}

/** "Decoder to encoder": whose tokens attend to whose. */
function partTitle({ name, attendsTo }: TowerSummary, kind: AttentionKind): string {
  const own = capitalised(towerNames[name] ?? 'self-attention');
  if (kind === 'self') return own;
  return `${name === '' ? 'Cross attention' : own} to ${towerNames[attendsTo ?? ''] ?? attendsTo ?? 'another stream'}`;
}

/** A second click opens; it does not select the words that come to lie under it. */
export function selectNothing(event: MouseEvent): void {
  if (event.detail > 1) event.preventDefault();
}

function move(panel: Panel, event: KeyboardEvent, element: HTMLElement): void {
  const state = panel.state();
  const heads = headsOf(state);
  const from = state.head ?? heads[0];
  if (!from || event.altKey || event.metaKey) return;
  if (event.key === 'Enter') {
    event.preventDefault();
    panel.dispatch({ kind: 'open', head: from });
    return;
  }
  const step = event.ctrlKey ? undefined : steps[event.key];
  if (!step) return;
  event.preventDefault();
  focusHead(element, addressOf(stepHead(heads, from, step)));
}

export function focusHead(element: HTMLElement, address: string): void {
  const cell = element.querySelector<HTMLElement>(`[data-address="${address}"]`);
  cell?.focus({ preventScroll: true });
  cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
