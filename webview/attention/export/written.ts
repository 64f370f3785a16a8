/** What all heads write at the chosen token: a line each, or a drawing of the grid. */
import { divergingLevel } from '../../lib/color/diverging.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { levelOf } from '../../lib/color/levels.ts';
import { csvField, decimalOrNone, END } from '../../lib/export/csv.ts';
import { gridSvg } from '../../lib/export/svg.ts';
import { significant } from '../../../src/shared/format.ts';
import { gridScale } from '../model/gridScale.ts';
import { addressOf, placeOf, rowLabel } from '../model/heads.ts';
import { axesOf, headsOf, layersInOrder } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { targetWords, writtenAt, writtenChoice, writtenPosition, writtenTitle } from '../model/written.ts';

/** Norm and, where a token was asked about, effect; empty where it cannot be told. */
export function writtenCsv(state: State): string {
  const isEffect = writtenChoice(state) === 'effect';
  const lines = headsOf(state).map((head) => {
    const position = writtenPosition(state, head);
    const token = csvField(axesOf(state, head).dest[position]?.text ?? '');
    return [addressOf(head), position, token, decimalOrNone(writtenAt(state, head, 'norm')), ...(isEffect ? [csvField(targetWords(state)), decimalOrNone(writtenAt(state, head, 'effect'))] : [])].join(',');
  });
  return [`address,position,token,norm${isEffect ? ',target,effect' : ''}`, ...lines].join(END) + END;
}

export function writtenSvg(state: State, { palette, diverging }: Ink): string {
  const { limit, diverges, share } = gridScale(state);
  const words = writtenTitle(state);
  const note = [state.model?.title ?? '', words, `scale from ${diverges ? `−${significant(limit)}` : '0'} to ${significant(limit)}`].join(' · ');
  const level = (value: number): number => (diverges ? divergingLevel(value, limit) : levelOf(Number.isNaN(value) ? NaN : share(value), 'linear'));
  return gridSvg({ title: words, note, palette: diverges ? diverging : palette }, layersInOrder(state).map((layer) => ({
    label: rowLabel(layer), heads: Array.from({ length: layer.heads }, (_, head) => ({ rows: 1, cols: 1, levels: Uint8Array.of(level(writtenAt(state, { ...placeOf(layer), head }) ?? NaN)) })),
  })));
}
