/** What a run gave, for a person at a terminal. */
import { towerNames } from '../../shared/addresses.ts';
import type { CaptureResult, CaptureRow, PositionPredictions, TapResult } from '../../shared/protocol/engineApi.ts';
import { counted } from '../../shared/format.ts';
import { plainToken } from '../../shared/visible.ts';
import { figure, ms } from './figures.ts';
import { clip, table, wrap } from './layout.ts';

export interface RunReport {
  readonly result: CaptureResult;
  readonly top: number;
  /** As it was typed; undefined: nothing was written. */
  readonly out: string | undefined;
}

export function runText({ result, top, out }: RunReport): string {
  const { rows, taps } = result;
  const sections = [
    ...rows.flatMap((row, index) => [...inputSections(row, rows.length > 1 ? index : null), continuedSection(row), predictionSection(row, top)]),
    tapSection(taps),
    [
      ...(out === undefined ? [] : [`Wrote ${Object.keys(taps).length === 0 ? 'the logits' : `${counted(Object.keys(taps).length, 'tap')} and the logits`} to ${out}`]),
      `Opened in ${ms(result.ms.open)}, first layer after ${ms(result.ms.firstLayer)}, run in ${ms(result.ms.run)}`,
    ],
  ];
  return `${sections.filter((section) => section.length > 0).map((section) => section.join('\n')).join('\n\n')}\n`;
}

function inputSections({ towers, image }: CaptureRow, index: number | null): readonly (readonly string[])[] {
  const names = Object.keys(towers);
  const picture = image === undefined ? [] : [[`${index === null ? 'Image' : `Image ${index + 1}`}: ${image}`]];
  return [...picture, ...Object.entries(towers).map(([name, tokens]) => {
    const whose = names.length > 1 ? `, ${towerNames[name] ?? name}` : '';
    const title = `${index === null ? 'Prompt' : `Prompt ${index + 1}`}${whose}: ${counted(tokens.length, 'token')}`;
    return [title, ...wrap(tokens.map((token, position) => `${position}:${plainToken(token.text)}`).join(' '), 2)];
  })];
}

function continuedSection({ continued, towers, predicts }: CaptureRow): readonly string[] {
  if (!continued) return [];
  const added = (towers[predicts] ?? []).slice(continued.from);
  const agreed = continued.maxAbs === null ? '' : `, within ${figure(continued.maxAbs)} of a run of the whole text`;
  return [`Continued by ${counted(added.length, 'token')}${agreed}`, ...wrap(added.map((token) => plainToken(token.text)).join(added.every((token) => token.text === String(token.id)) ? ' ' : ''), 2)];
}

function predictionSection({ towers, predicts, predictions }: CaptureRow, top: number): readonly string[] {
  const tokens = towers[predicts] ?? [];
  const last = predictions.at(-1);
  if (!last) return ['The model has no output over a vocabulary or over classes'];
  // Scores of classes are one row at position 0, however many tokens there are.
  const isClasses = tokens.length === 0 || (predictions.length === 1 && tokens.length > 1 && last.position === 0);
  const title = isClasses ? 'Most probable classes' : `Most probable at position ${last.position} ("${plainToken(tokens[last.position]?.text ?? '')}")`;
  if (last.nan) return [`${title}: the logits hold NaN`];
  const rows = predictionRows(last, top, isClasses ? (text) => text : plainToken);
  return [title, ...table([['probability', 'logit', 'id', isClasses ? 'class' : 'token'], ...rows], { indent: 2, right: [0, 1, 2] })];
}

const predictionRows = (predictions: PositionPredictions, top: number, shown: (text: string) => string): readonly (readonly string[])[] =>
  predictions.top.slice(0, top).map(({ id, text, logit, probability }) => [probability.toFixed(4), figure(logit), String(id), clip(shown(text), 40)]);

function tapSection(taps: Readonly<Record<string, TapResult>>): readonly string[] {
  const entries = Object.entries(taps);
  if (entries.length === 0) return [];
  const hasNan = entries.some(([, tap]) => tap.nan > 0);
  const rows = entries.map(([address, { shape, min, max, mean, norm, nan }]) => [
    address, shape.join('×'), ...[min, max, mean, norm].map(figure), ...(hasNan ? [String(nan)] : []),
  ]);
  return ['Taps', ...table([['address', 'shape', 'min', 'max', 'mean', 'norm', ...(hasNan ? ['NaN'] : [])], ...rows], { right: [2, 3, 4, 5, 6] })];
}
