/** The image that a model is run on, beside or in place of a prompt. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import type { PatchGrid, PreparedImage } from '../../../src/shared/protocol/imageApi.ts';
import { isStale, positionOf, runTokens } from './read.ts';
import type { State } from './state.ts';

export interface ShownPicture {
  readonly image: PreparedImage;
  readonly grid: PatchGrid;
  readonly tokens: readonly TokenInfo[];
}

/** The chosen image with its patches; undefined where there is none, or its positions are not its patches. */
export function pictureOf({ image }: State): ShownPicture | undefined {
  const grid = image?.prepared.grid;
  const tokens = grid && image.prepared.towers[grid.tower];
  return grid && tokens ? { image: image.prepared, grid, tokens } : undefined;
}

/** The same where these are the tower's positions. */
export function pictureOfTower(state: State, tower: string | null): ShownPicture | undefined {
  const picture = pictureOf(state);
  return picture && picture.grid.tower === tower ? picture : undefined;
}

/** Whether the chosen position is one of the picture's: the selected head is of its tower, or nothing else is run. */
export function choosesPatch(state: State, { grid, tokens }: ShownPicture): boolean {
  return !isStale(state) && (state.head ? state.head.tower === grid.tower : runTokens(state).length === tokens.length && state.run?.towers[grid.tower] === runTokens(state)) && positionOf(state) >= 0;
}
