/** The image as the model sees it, with its patches: one position is chosen, and each may be lit by a weight. The strip of tokens' counterpart. */
import './patchMap.css';
import type { PatchGrid, PreparedImage } from '../../../src/shared/protocol/imageApi.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { significant } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { ink as inkOf } from '../../lib/color/levels.ts';
import { cssColour } from '../../lib/color/oklab.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { markChosen } from '../../lib/tokens/strip.ts';
import type { Shading } from '../../lib/tokens/strip.ts';

/** What is shown of an image: its patches are those of `grid`. */
export interface Picture {
  readonly image: PreparedImage;
  readonly grid: PatchGrid;
}

export interface PatchMap {
  readonly element: HTMLElement;
  update(picture: Picture, tokens: readonly TokenInfo[], chosen: number, shading: Shading | null, ink: Ink): void;
}

/** A patch that nothing reads still shows what it is of. */
const DIMMEST = 0.86;

export function patchMap(label: string, choose: (position: number) => void): PatchMap {
  const canvas = h('canvas', { class: 'patches-image', 'aria-hidden': 'true' });
  const lead = h('div', { class: 'patches-lead', role: 'row' });
  const field = h('div', { class: 'patches-field' });
  const frame = h('div', { class: 'patches-frame' }, canvas, field);
  let items: readonly HTMLElement[] = [];
  let shown: Picture | undefined;
  let chosen = -1;

  const mark = (at: number): void => {
    markChosen(items[chosen], items[at]);
    chosen = at;
    if (!items[at]) items[0]?.setAttribute('tabindex', '0');
  };

  const element = h('div', {
    class: 'patches', role: 'grid', 'aria-label': label,
    onclick: (event) => {
      const at = items.indexOf((event.target as Element).closest<HTMLElement>('[role=gridcell]') ?? element);
      if (at >= 0) choose(at);
    },
    onkeydown: (event) => {
      if (!shown || event.ctrlKey || event.altKey || event.metaKey) return;
      const next = stepFrom(Math.max(items.indexOf(document.activeElement as HTMLElement), 0), event.key, shown.grid);
      if (next === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      choose(next);
      // The next key may come before the next frame.
      mark(next);
      items[next]?.focus();
    },
  }, lead, frame);

  return {
    element,
    update: (picture, tokens, position, shading, ink) => {
      if (picture.image !== shown?.image || items.length !== tokens.length) {
        const { grid, image } = picture;
        draw(canvas, image);
        items = tokens.map((token, at) => h('div', { class: at < grid.lead ? 'patches-token mono' : 'patches-cell', role: 'gridcell', tabindex: -1, 'aria-selected': 'false' }, at < grid.lead && token.text));
        lead.replaceChildren(...items.slice(0, grid.lead));
        lead.hidden = grid.lead === 0;
        field.replaceChildren(...Array.from({ length: grid.rows }, (_, row) => h('div', { class: 'patches-row', role: 'row' }, ...items.slice(grid.lead + row * grid.cols, grid.lead + (row + 1) * grid.cols))));
        chosen = -1;
      }
      shown = picture;
      mark(position);
      items.forEach((item, at) => {
        const weight = shading?.weights[at] ?? 0;
        const share = weight > 0 ? inkOf(weight / (shading?.most ?? 1), shading?.scale ?? 'linear') : 0;
        item.classList.toggle('patches-nan', Number.isNaN(weight));
        if (at < picture.grid.lead) item.style.backgroundColor = shading ? cssColour(ink.tint(share)) : '';
        else item.style.setProperty('--veil', shading ? String(DIMMEST * (1 - share)) : '0');
        const name = nameOf(tokens, at, picture.grid);
        item.setAttribute('aria-label', shading ? `${name}, ${significant(weight)}` : name);
        item.title = shading ? `${significant(weight)} · ${name} @${at}` : `${name} @${at}`;
      });
    },
  };
}

/** "CLS", "patch 3,4": row and column, from 0. */
export const nameOf = (tokens: readonly TokenInfo[], at: number, { lead }: PatchGrid): string => (at < lead ? tokens[at]?.text ?? '' : `patch ${tokens[at]?.text ?? ''}`);

function draw(canvas: HTMLCanvasElement, { width, height, rgba }: PreparedImage): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0);
}

/** Arrows move over the patches and, from the first row, to what stands before them. */
function stepFrom(at: number, key: string, { lead, rows, cols }: PatchGrid): number | undefined {
  const last = lead + rows * cols - 1;
  const to = (next: number): number => Math.min(Math.max(next, 0), last);
  switch (key) {
    case 'ArrowLeft':
      return to(at - 1);
    case 'ArrowRight':
      return to(at + 1);
    case 'ArrowUp':
      return at < lead ? 0 : at - cols >= lead ? at - cols : Math.max(lead - 1, 0);
    case 'ArrowDown':
      return at < lead ? lead : at + cols > last ? at : at + cols;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
