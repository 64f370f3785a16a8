/** The image of the prompt: which one, and as the model sees it, lit by what the chosen patch attends to in the selected head. */
import './image.css';
import '../../lib/controls.ts';
import { counted } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { addressOf } from '../model/heads.ts';
import { choosesPatch, pictureOf } from '../model/image.ts';
import { takesImage } from '../model/prompt.ts';
import { canRun, layerOf, positionOf, readTower, summaryOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { weightAt } from '../pattern/rows.ts';
import type { Shading } from '../../lib/tokens/strip.ts';
import type { Panel, View } from './panel.ts';
import { nameOf, patchMap } from './patchMap.ts';

export function imageView(panel: Panel): View {
  const button = h('vscode-button', { appearance: 'secondary', onclick: panel.chooseImage }, 'Choose image…');
  const name = h('span', { class: 'image-name muted' });
  const caption = h('p', { class: 'image-caption muted' });
  const map = patchMap('Patches of the image', (position) => {
    const picture = pictureOf(panel.state());
    if (picture && choosesPatch(panel.state(), picture)) panel.dispatch({ kind: 'choose', position });
  });
  const element = h('div', { class: 'image' }, h('div', { class: 'image-choice' }, button, name), map.element, caption);
  return {
    element,
    update: (state) => {
      element.hidden = !takesImage(summaryOf(state));
      if (element.hidden) return;
      const { image } = state;
      button.disabled = !canRun(state);
      name.textContent = image ? `${image.name} · ${image.prepared.width} × ${image.prepared.height} as the model sees it` : 'PNG or JPEG';
      const picture = pictureOf(state);
      // An opened head is drawn over the image beside its matrix.
      const isElsewhere = picture !== undefined && isOpenedOver(state, picture.grid.tower);
      map.element.hidden = picture === undefined || isElsewhere;
      caption.textContent = isElsewhere ? '' : image && !picture ? 'Positions of this model are not patches row by row, so that they are not drawn on the image.' : captionOf(state);
      caption.hidden = caption.textContent === '';
      if (!picture || isElsewhere) return;
      const isChosen = choosesPatch(state, picture);
      map.update(picture, picture.tokens, isChosen ? positionOf(state) : -1, isChosen ? shadingOf(state) : null, panel.ink());
    },
  };
}

function isOpenedOver(state: State, tower: string): boolean {
  const { head } = state;
  return state.place === 'head' && !state.table && state.run !== null && head !== null && [head.tower, readTower(state, head)].includes(tower);
}

function captionOf(state: State): string {
  const picture = pictureOf(state);
  if (!picture) return '';
  const much = `${counted(picture.tokens.length, 'position')}, patches by row and column`;
  return state.head && choosesPatch(state, picture) && shadingOf(state)
    ? `${much} · lit by what ${nameOf(picture.tokens, positionOf(state), picture.grid)} attends to in ${addressOf(state.head)}` : much;
}

function shadingOf(state: State): Shading | null {
  const { head } = state;
  const layer = head && layerOf(state, head);
  if (!head || !layer || head.attention === 'cross') return null;
  const row = positionOf(state);
  return { weights: Array.from({ length: layer.cols }, (_, col) => weightAt(layer, head.head, row, col) ?? 0), scale: state.scale };
}
