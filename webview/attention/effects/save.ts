/** Exports what is shown: one head or all, as numbers or as a drawing. */
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { levelOf, scaleWords } from '../../lib/color/levels.ts';
import type { Ink } from '../../lib/color/ink.ts';
import type { HeadWrites } from '../../../src/shared/protocol/attentionApi.ts';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { significant } from '../../../src/shared/format.ts';
import { headCsv, layersCsv, scoresCsv } from '../export/csv.ts';
import { rankedSvg } from '../export/ranked.ts';
import { writesCsv, writesSvg } from '../export/writes.ts';
import { writtenCsv, writtenSvg } from '../export/written.ts';
import { linesCsv, linesSvg } from '../export/lines.ts';
import { pictureOf } from '../../lib/export/picture.ts';
import type { PictureFormat } from '../../lib/export/picture.ts';
import { gridSvg, headSvg } from '../../lib/export/svg.ts';
import type { Difference } from '../model/compare.ts';
import { meanWords, spreadAt } from '../model/average.ts';
import { isBeside } from '../model/beside.ts';
import { addressOf, placeOf, rowLabel } from '../model/heads.ts';
import { axesOf, headsOf, layersInOrder, missingOf, positionOf, runTokens, viewOf, visibilityOf } from '../model/read.ts';
import { scoreAt, scoreOf, scoreWords, showsScores } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import { targetWords, writtenChoice } from '../model/written.ts';
import { emptyBeside, emptyDifference, layerDifference, tileDifference } from '../pattern/difference.ts';
import { emptyField, headField } from '../pattern/field.ts';
import { diverges, limitOf, tileViewOf, viewField, viewWords } from '../pattern/headView.ts';
import { LEAST, linesOf, MOST_LINES } from '../pattern/lines.ts';
import { isWhole } from '../pattern/rows.ts';
import { visibleText } from '../../../src/shared/visible.ts';
import { cutWords } from '../views/words.ts';
import { besideCsv, besideSvg } from './saveBeside.ts';
import type { Tiles } from './tiles.ts';

/** Column of a difference, and those of a mean. */
const [DIFFERENCE, MEAN, SPREAD] = ['second_minus_first', 'mean', 'standard_deviation'];
/** Cells along the side of a head in a drawing of all; of a head alone. */
const [SMALL, LARGE] = [64, 512];

export interface Shown {
  readonly host: Host<AttentionPanelApi>;
  readonly state: State;
  readonly tiles: Tiles;
  readonly ink: Ink;
}

/** Resolves with what to say: where it was saved, or nothing where the person thought better of it. */
export async function saveShown(shown: Shown, format: 'csv' | PictureFormat): Promise<string> {
  const { host, state } = shown;
  const name = `${stem(state)}-${state.place === 'head' && state.head ? addressOf(state.head) : 'attention'}.${format}`;
  const content = format === 'csv' ? await (isBeside(state) ? besideCsv(shown) : csvOf(shown)) : await pictureOf(await (isBeside(state) ? besideSvg(shown, (one) => svgOf({ ...shown, state: one })) : svgOf(shown)), name, format);
  return (await host.call('save', { name, content })) ? `Saved ${name}` : '';
}

/** The tokens that the opened head writes, in the same way. */
export async function saveWrites({ host, state, ink }: Shown, writes: HeadWrites, format: 'csv' | PictureFormat): Promise<string> {
  const name = `${stem(state)}-${state.head ? addressOf(state.head) : 'head'}-writes.${format}`;
  const content = format === 'csv' ? writesCsv(state, writes) : await pictureOf(writesSvg(state, writes, ink), name, format);
  return (await host.call('save', { name, content })) ? `Saved ${name}` : '';
}

const stem = (state: State): string => (state.model?.title ?? 'model').replace(/\.onnx$/, '');

const showsLines = (state: State): boolean => state.place === 'head' && !state.table && viewOf(state) === 'lines';

/** An opened head that is drawn as lines. Throws 'usage' for a prompt that no lines are drawn of. */
async function linesAs({ tiles, state, ink }: Shown, format: 'csv' | 'svg'): Promise<string> {
  const { run, head, scale } = state;
  if (!run || !head) throw new CogscopeError('usage', 'No head is open', 'Open one first');
  const axes = axesOf(state, head);
  if (Math.max(axes.dest.length, axes.source.length) > MOST_LINES) throw new CogscopeError('usage', `Lines are drawn for prompts of up to ${MOST_LINES} tokens`, 'Choose another drawing of the head');
  const lines = linesOf(await tiles.get(run, head), positionOf(state));
  if (format === 'csv') return linesCsv(head, axes, lines);
  const note = [state.model?.title ?? '', `${addressOf(head)}, left attends to right`, `weights from ${LEAST} on`, `${scaleWords[scale]} scale from 0 to 1`].join(' · ');
  return linesSvg({ head, note, ink, axes, lines, scale });
}

async function csvOf(shown: Shown): Promise<string> {
  const { tiles, state } = shown;
  if (showsLines(state)) return linesAs(shown, 'csv');
  if (writtenChoice(state) !== null && showsScores(state) && state.place === 'grid') return writtenCsv(state);
  if (showsScores(state) && state.place === 'grid') return scoresCsv(headsOf(state), (state.scores?.protocol?.patterns ?? []).map(({ name }) => name), (head, at) => scoreAt(state, head, at));
  const mean = state.run?.mean;
  if (state.place !== 'head' || !state.head || !state.run) {
    return layersCsv(layersInOrder(state), (layer) => axesOf(state, placeOf(layer)), state.run?.difference ? DIFFERENCE : mean ? MEAN : 'weight', mean && { name: SPREAD, of: (...cell) => spreadAt(mean, ...cell) });
  }
  const view = tileViewOf(viewOf(state));
  const tile = await tiles.get(state.run, state.head, view);
  return headCsv(state.head, axesOf(state, state.head), tile, visibilityOf(state, state.head, tile), state.run.difference ? DIFFERENCE : mean ? MEAN : view === 'pattern' ? 'weight' : view, missingOf(state, state.head), mean && { name: SPREAD, of: await tiles.getSpread(state.run, state.head) });
}

async function svgOf(shown: Shown): Promise<string> {
  const { tiles, state, ink } = shown;
  if (showsLines(state)) return linesAs(shown, 'svg');
  const { palette } = ink;
  const difference = state.run?.difference;
  const differenceWords = (what: string, { limit }: Difference): string => [state.model?.title ?? '', what, `second prompt − first, scale from −${significant(limit)} to ${significant(limit)}`].join(' · ');
  const layers = layersInOrder(state);
  const about = (what: string): string => [state.model?.title ?? '', what, `${runTokens(state).length} tokens${state.run?.mean ? `, ${meanWords(state.run.mean)}` : ''}`, `${scaleWords[state.scale]} scale from 0 to 1`].join(' · ');
  if (state.place === 'head' && state.head && state.run) {
    const view = tileViewOf(viewOf(state));
    const tile = await tiles.get(state.run, state.head, view);
    const missing = missingOf(state, state.head);
    const field = difference ? tileDifference(emptyDifference(visibilityOf(state, state.head, tile), LARGE, missing), tile, difference.limit, missing) : viewField(state.run.beside ? emptyBeside(visibilityOf(state, state.head, tile), LARGE, missing) : emptyField(visibilityOf(state, state.head, tile), LARGE), tile, view, state.scale);
    const { dest, source } = axesOf(state, state.head);
    const labels = (tokens: typeof dest): readonly string[] => tokens.map((token) => visibleText(token.text));
    const address = addressOf(state.head);
    const limit = limitOf(tile, view);
    const note = difference ? differenceWords(address, difference) : view === 'pattern' ? about(`${address}, rows attend to columns`) : [state.model?.title ?? '', `${address}, ${view === 'effect' ? `effect on the logit of ${targetWords(state)}` : viewWords[view]}`, `scale from ${diverges(view) ? `−${significant(limit)}` : '0'} to ${significant(limit)}`].join(' · ');
    return headSvg({ title: address, note, palette: difference || diverges(view) ? ink.diverging : palette }, field, labels(dest), labels(source));
  }
  if (showsScores(state) && (state.table || state.choice.byScore)) return rankedSvg(state, ink);
  if (writtenChoice(state) !== null && showsScores(state)) return writtenSvg(state, ink);
  if (showsScores(state)) {
    const words = scoreWords(state);
    return gridSvg({ title: `Heads by score: ${words}`, note: [state.model?.title ?? '', words, 'linear scale from 0 to 1'].join(' · '), palette }, layers.map((layer) => ({
      label: rowLabel(layer), heads: Array.from({ length: layer.heads }, (_, head) => ({ rows: 1, cols: 1, levels: Uint8Array.of(levelOf(scoreOf(state, { ...placeOf(layer), head }) ?? NaN, 'linear')) })),
    })));
  }
  const cut = layers.map(cutWords).find((words) => words !== '') ?? '';
  const whole = layers.every(isWhole);
  return gridSvg({ title: 'Attention', note: difference ? differenceWords('all heads', difference) : about(`all heads${whole ? '' : `, ${cut}`}`), palette: difference ? ink.diverging : palette }, layers.map((layer) => {
    if (difference) {
      const none = emptyDifference(visibilityOf(state, placeOf(layer), layer), SMALL, missingOf(state, placeOf(layer)));
      return { label: rowLabel(layer), heads: Array.from({ length: layer.heads }, (_, head) => layerDifference(none, layer, head, difference.limit)) };
    }
    const empty = emptyField(visibilityOf(state, placeOf(layer), layer), SMALL);
    return { label: rowLabel(layer), heads: Array.from({ length: layer.heads }, (_, head) => headField(empty, layer, head, state.scale)) };
  }));
}
