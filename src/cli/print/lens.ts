/** The lens at one position, for a person at a terminal: what each state would say, and what speaks for a token. */
import type { Attribution, Lens, LensRow } from '../../shared/protocol/lensApi.ts';
import { plainToken } from '../../shared/visible.ts';
import { mean } from '../../shared/mean.ts';
import { figure } from './figures.ts';
import { clip, table, wrap } from './layout.ts';

export interface LensReport {
  readonly lens: Lens;
  readonly attribution: Attribution | null;
  readonly positions: readonly number[];
}

/** Parts that are listed, and positions beside each other; the JSON has them all. */
const [PARTS, BESIDE] = [20, 5];
const TOKEN = 14;

export function lensText({ lens, attribution, positions }: LensReport): string {
  return `${[...positions.map((position) => lensSection(lens, position)), ...(attribution ? [attributionSection(attribution)] : [])].map((section) => section.join('\n')).join('\n\n')}\n`;
}

function lensSection({ frame, rows }: Lens, position: number): readonly string[] {
  const index = frame.positions.indexOf(position);
  const { tokens, target } = frame;
  const head = ['state', 'entropy', ...(target ? ['rank', 'probability'] : []), 'tokens'];
  const body = rows.map((row) => [
    shortState(frame.states[row.state]?.address ?? ''), (row.entropy[index] ?? NaN).toFixed(2),
    ...(row.target ? [String(row.target.rank[index] ?? NaN), (row.target.probability[index] ?? NaN).toFixed(4)] : []), tokensOf(row, index, frame.top),
  ]);
  const asked = target ? `; rank and probability of "${plainToken(target.text)}"` : '';
  return [...wrap(`Each state as the model would end there, at position ${position} ("${plainToken(tokens[position]?.text ?? '')}")${asked}`), ...table([head, ...body], { indent: 2, right: target ? [1, 2, 3] : [1] })];
}

/** blocks.3.hook_resid_pre is L3.resid_pre for short. */
const shortState = (address: string): string => address.replace(/blocks\.(\d+)\.hook_/, 'L$1.');

function tokensOf(row: LensRow, index: number, top: number): string {
  const slots = Array.from({ length: top }, (_, slot) => index * top + slot).filter((slot) => Number.isFinite(row.probabilities[slot]));
  if (slots.length === 0) return 'NaN';
  return slots.map((slot) => `${clip(plainToken(row.names[row.ids[slot] ?? 0] ?? ''), TOKEN)} ${(row.probabilities[slot] ?? NaN).toFixed(2)}`).join(', ');
}

function attributionSection({ target, distractor, parts, logit, remainder, tolerance, positions }: Attribution): readonly string[] {
  const named = parts.map(({ address, values }) => ({ address, values })).sort((a, b) => Math.abs(mean(b.values)) - Math.abs(mean(a.values)));
  const others = logit.map((_, at) => named.slice(PARTS).reduce((sum, { values }) => sum + (values[at] ?? NaN), 0));
  const what = distractor ? `logit of "${plainToken(target.text)}" less "${plainToken(distractor.text)}"` : `logit of "${plainToken(target.text)}"`;
  const isOne = positions.length === 1;
  const isWide = !isOne && positions.length <= BESIDE;
  const figures = (values: Float32Array, words = signed): readonly string[] => [...(isWide ? [...values].map(words) : []), words(mean(values))];
  const where = isOne ? `at position ${positions[0] ?? 0}` : isWide ? 'at several positions' : `at ${positions.length} positions, their mean`;
  return [
    ...wrap(`What speaks for it: the ${what} ${where}, taken apart (raw weights, the final norm’s scale as it is in this run)`),
    ...table([
      ...(isWide ? [['', ...positions.map((position) => `@${position}`), 'mean']] : []),
      ...named.slice(0, PARTS).map(({ address, values }) => [address, ...figures(values)]),
      ...(named.length > PARTS ? [[`${named.length - PARTS} others together`, ...figures(others)]] : []),
      [remainder.every((left) => Math.abs(left) <= tolerance) ? 'left over by rounding' : 'not accounted for', ...figures(remainder, figure)],
      ['the logit' + (distractor ? ' difference' : ''), ...figures(logit)],
    ], { indent: 2, right: figures(logit).map((_, at) => at + 1) }),
  ];
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(3)}`;
