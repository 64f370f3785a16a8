/** What views read out of the state. */
import { mean } from '../../../src/shared/mean.ts';
import { percent, significant } from '../../../src/shared/format.ts';
import type { AttributionPart, LensFrame, LensRow } from '../../../src/shared/protocol/lensApi.ts';
import type { ModelSummary } from '../../../src/shared/summary.ts';
import { givenElsewhere } from '../../lib/elsewhere.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import type { Cell, Grouping, Measure, State } from './state.ts';

export const summaryOf = (state: State): ModelSummary | null => (state.model?.state.kind === 'open' ? state.model.state.summary : null);

export function canRun(state: State): boolean {
  const summary = summaryOf(state);
  return state.model?.trusted === true && summary !== null && summary.runnable && givenElsewhere(summary).length === 0;
}

export const isRunning = ({ run }: State): boolean => run?.phase === 'running';

/** What a cell's number is. */
export const measureWords: Readonly<Record<Measure, string>> = {
  probability: 'probability of the top token', target: 'probability of the chosen token', rank: 'rank of the chosen token', entropy: 'entropy, nats', norm: 'norm of the state',
};

export const needsTarget = (measure: Measure): boolean => measure === 'target' || measure === 'rank';

/** The number of a cell; NaN where it has not come, or its logits hold NaN. */
export function valueAt(row: LensRow | undefined, column: number, top: number, measure: Measure): number {
  switch (measure) {
    case 'probability': return row?.probabilities[column * top] ?? NaN;
    case 'target': return row?.target?.probability[column] ?? NaN;
    case 'rank': return row?.target?.rank[column] ?? NaN;
    case 'entropy': return row?.entropy[column] ?? NaN;
    case 'norm': return row?.norm[column] ?? NaN;
    default: return measure satisfies never;
  }
}

export function numberText(value: number, measure: Measure): string {
  if (Number.isNaN(value)) return '–';
  if (measure === 'probability' || measure === 'target') return value >= 0.9995 ? '100%' : percent(value);
  return measure === 'rank' ? String(value) : significant(value);
}

/** The largest number of what has come: the end of the scale of entropies and norms. */
export function largest({ run }: State, measure: Measure): number {
  let most = 0;
  for (const row of run?.rows.values() ?? []) for (let column = 0; column < row.entropy.length; column++) most = Math.max(most, valueAt(row, column, run?.frame?.top ?? 1, measure) || 0);
  return most;
}

/** Share of ink: probabilities as they are, the first rank full and each tenfold a quarter less, the rest by the largest. */
export function shareOf(value: number, measure: Measure, most: number): number {
  if (Number.isNaN(value)) return 0;
  if (measure === 'rank') return Math.max(1 - Math.log10(value) / 4, 0);
  return measure === 'entropy' || measure === 'norm' ? value / Math.max(most, Number.MIN_VALUE) : value;
}

/** "blocks.3.hook_resid_post" → "L3 post": what a row is called for short. */
export function stateName(address: string): string {
  const found = /^(?:(\w+)\.)?blocks\.(\d+)\.hook_resid_(\w+)$/.exec(address);
  return found ? `${found[1] ? `${found[1]}.` : ''}L${found[2]} ${found[3]?.replace('_', ' ')}` : address;
}

export const topToken = (row: LensRow, column: number, top: number, at = 0): string => row.names[row.ids[column * top + at] ?? -1] ?? '';

/** "L3 post · Ben @2 · park 0.41, home 0.2 · entropy 1.2 nats" */
export function cellWords(state: State, { state: at, column }: Cell): string {
  const frame = state.run?.frame;
  const row = state.run?.rows.get(at);
  const address = frame?.states[at]?.address ?? '';
  if (!frame) return '';
  const position = frame.positions[column] ?? 0;
  const where = `${stateName(address)} · after ${tokenAt(frame.tokens, position)}`;
  if (!row) return `${where} · not come yet`;
  if (Number.isNaN(row.entropy[column])) return `${where} · the logits hold NaN`;
  const first = `${plainToken(topToken(row, column, frame.top))} ${percent(row.probabilities[column * frame.top] ?? NaN)}`;
  const target = row.target && frame.target ? ` · ${plainToken(frame.target.text)} ${percent(row.target.probability[column] ?? NaN)}, rank ${row.target.rank[column]}` : '';
  return `${where} · ${first}${target} · entropy ${significant(row.entropy[column] ?? NaN)} nats · norm ${significant(row.norm[column] ?? NaN)}`;
}

/** Whether a second prompt may be given: a decoder's, behind an encoder that takes one. */
export const hasDecoder = (state: State): boolean => (summaryOf(state)?.towers.filter((tower) => tower.takesIds).length ?? 0) > 1;

/** Whether the logit is taken apart at a column. */
export const isChosen = ({ cell, columns }: State, column: number): boolean => (columns.length > 0 ? columns.includes(column) : cell?.column === column);

/** Where the parts are asked for: the chosen columns' positions. */
export const chosenPositions = (state: State): readonly number[] => state.run?.frame?.positions.filter((_, column) => isChosen(state, column)) ?? [];

export interface Summand {
  readonly name: string;
  readonly value: number;
  /** A head or another address to go to. */
  readonly address: string | null;
}

const kindWords: Readonly<Record<AttributionPart['kind'], string>> = {
  embedding: 'embedding', position: 'positions', head: 'heads', 'attention-bias': 'attention biases', attention: 'attention', cross: 'cross attention', mlp: 'MLPs', rest: 'rest of layers', bias: 'bias of norm and unembedding',
};

/** The parts' means over the positions, summed by layer or by kind, or each on its own by size. They add up to the same whichever way. */
export function summands(parts: readonly AttributionPart[], grouping: Grouping): readonly Summand[] {
  const each = parts.map((part) => ({ part, value: mean(part.values) }));
  if (grouping === 'part') return each.map(({ part, value }) => ({ name: part.address, value, address: part.kind === 'head' ? part.address : null })).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const sums = new Map<string, number>();
  for (const { part, value } of each) {
    const name = grouping === 'kind' ? kindWords[part.kind] : part.layer === null ? kindWords[part.kind] : `layer ${part.layer}`;
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return [...sums].map(([name, value]) => ({ name, value, address: null }));
}

/** Tokens of a frame with what stands in front of them, for the heads of columns. */
export const columnToken = (frame: LensFrame, column: number): string => plainToken(frame.tokens[frame.positions[column] ?? 0]?.text ?? '');
