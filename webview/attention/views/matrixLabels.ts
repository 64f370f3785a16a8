/** What stands around a head drawn large: the labels of its axes and what room they leave, its name, and where the crosshair may stand. */
import { matrixSize } from '../../lib/geometry/matrix.ts';
import type { MatrixSize } from '../../lib/geometry/matrix.ts';
import { tokenLabels } from '../../lib/matrix/labelAt.ts';
import type { LabelAt } from '../../lib/matrix/labelAt.ts';
import { labelRoom } from '../../lib/matrix/labelRoom.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { ownAxes } from '../model/beside.ts';
import type { OwnPlaces } from '../model/beside.ts';
import { addressOf } from '../model/heads.ts';
import { runTokens, sourceTokens } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';

export function labelsOf(state: State): { readonly rows: LabelAt; readonly cols: LabelAt } {
  const own = ownAxes(state);
  return { rows: labels(runTokens(state), own?.dest), cols: labels(sourceTokens(state), own?.source) };
}

/** On the columns of two prompts a token keeps the position that it has in its own; where it has none, nothing stands. */
function labels(tokens: readonly TokenInfo[], places: OwnPlaces | undefined): LabelAt {
  const plain = tokenLabels(tokens);
  if (!places) return plain;
  return (at) => {
    const [label, own] = [plain(at), places[at] ?? null];
    return label && own !== null ? { ...label, whole: `${plainToken(tokens[at]?.text ?? '')} @${own}` } : undefined;
  };
}

/** CSS pixels that the labels take on either side. */
export const labelSide = (state: State): number => Math.max(labelRoom(runTokens(state)), labelRoom(sourceTokens(state)));

/** What is left of the room for the picture. */
export const sizeBeside = (labels: number, { width, height }: Room, state: State): MatrixSize =>
  matrixSize({ width: width - labels, height: height - labels, rows: runTokens(state).length, cols: sourceTokens(state).length, zoom: state.zoom, devicePixelRatio });

/** A cell as far as the picture has it. */
export function seenPoint(state: State, { row, col }: { readonly row: number; readonly col: number }): { readonly row: number | null; readonly col: number | null } {
  const own = ownAxes(state);
  return own ? { row: own.dest[row] === null ? null : row, col: own.source[col] === null ? null : col } : { row, col };
}

export function headName({ head, run }: State): { readonly name: string; readonly address: string } {
  const address = head ? addressOf(head) : '';
  return { name: run?.beside ? `${address} of the ${run.beside.side} prompt` : address, address };
}
