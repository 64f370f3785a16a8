/** Positions that weights stand for: tokens in a line, or patches on their image. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { h } from '../../lib/dom.ts';
import { tokenStrip } from '../../lib/tokens/strip.ts';
import type { Shading } from '../../lib/tokens/strip.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { patchMap } from './patchMap.ts';
import type { Picture } from './patchMap.ts';

export interface Positions {
  readonly element: HTMLElement;
  update(tokens: readonly TokenInfo[], picture: Picture | undefined, chosen: number, shading: Shading, ink: Ink): void;
}

export function positionsView(label: string, choose: (position: number) => void): Positions {
  const [strip, map] = [tokenStrip(label, choose), patchMap(label, choose)];
  return {
    element: h('div', {}, strip.element, map.element),
    update: (tokens, picture, chosen, shading, ink) => {
      strip.element.hidden = picture !== undefined;
      map.element.hidden = picture === undefined;
      if (picture) map.update(picture, tokens, chosen, shading, ink);
      else strip.update(tokens, chosen, shading, ink);
    },
  };
}
