/** Whether a result shows what its experiment's file expects of it, in sentences. */
import { counted, inWords, significant } from '../format.ts';
import { nearest } from '../nearest.ts';
import { layerOf, sameCell } from './cellAddress.ts';
import type { ExpectedField, Expectation } from './experiment.ts';
import type { Cell } from './result.ts';
import { cellsOf, isKnown, strengthOf, strongest } from './strongest.ts';
import type { Measured } from './strongest.ts';

export interface Verdict {
  readonly expectation: Expectation;
  readonly passed: boolean;
  /** "L1H3: recovered expected at least 0.5, got 0.31; nearest: L1H4 0.62, L0H3 0.40", without a full stop. */
  readonly text: string;
}

/** "L1H3: recovered at least 0.5", "top 3 includes L1H3": what is expected, before anything was run. */
export function nameOfExpectation(expectation: Expectation): string {
  if (expectation.kind === 'top') return `top ${expectation.top} includes ${inWords(expectation.includes)}`;
  return `${expectation.address}: ${expectation.field} ${limits(expectation)}`;
}

type Of<K extends Expectation['kind']> = Extract<Expectation, { readonly kind: K }>;

/** How many cells a sentence names beside the one it is about. */
const NAMED = 3;

export function judge(expectations: readonly Expectation[], measured: Measured): readonly Verdict[] {
  if (expectations.length === 0) return [];
  const cells = cellsOf(measured);
  const length = measured.frame.pairs[0]?.clean.length ?? null;
  const find = (address: string): Cell | undefined => cells.find((cell) => sameCell(cell.address) === sameCell(address, length));
  return expectations.map((expectation) => {
    const failure = expectation.kind === 'cell' ? judgeCell(expectation, find(expectation.address), cells, measured) : judgeTop(expectation, find, cells);
    return { expectation, passed: failure === null, text: failure ?? success(expectation, find, cells) };
  });
}

/** Null: it holds. */
function judgeCell({ address, field, atLeast, atMost }: Of<'cell'>, cell: Cell | undefined, cells: readonly Cell[], { frame }: Measured): string | null {
  if (!cell) return unknown(address, cells);
  const reason = whyNothing(cell);
  if (reason !== null) return `${address}: ${reason}`;
  const value = valueOf(cell, field);
  if (value === null) return `${address}: recovered cannot be told, since the clean and the corrupted run have ${frame.corrupted === null ? 'no difference' : `the same metric, ${significant(frame.clean)}`}`;
  if (value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity)) return null;
  const near = neighbours(cell, cells).map((one) => `${one.address} ${significant(valueOf(one, field) ?? NaN)}`);
  return `${address}: ${field} expected ${limits({ atLeast, atMost })}, got ${beside(value, [atLeast, atMost])}${near.length > 0 ? `; nearest: ${near.join(', ')}` : ''}`;
}

function judgeTop({ top, includes }: Of<'top'>, find: (address: string) => Cell | undefined, cells: readonly Cell[]): string | null {
  const missing = includes.find((address) => !find(address));
  if (missing !== undefined) return unknown(missing, cells);
  const open = cells.filter((cell) => !isKnown(cell)).length;
  if (open > 0) return `top ${top}: ${counted(open, 'cell')} of ${cells.length} have no value, so that the strongest cannot be told`;
  const ranked = strongest(cells);
  const places = includes.map((address) => ({ address, place: ranked.findIndex((cell) => cell === find(address)) }));
  const left = places.filter(({ place }) => place < 0 || place >= top);
  if (left.length === 0) return null;
  const where = left.map(({ address, place }) => {
    const cell = ranked[place];
    return cell ? `${address} is number ${place + 1} with ${significant(strengthOf(cell))}` : `${address} changed no element`;
  });
  return `top ${top}: expected ${inWords(includes)}, got ${named(ranked.slice(0, Math.max(top, 1)))}; ${where.join(', ')}`;
}

function success(expectation: Expectation, find: (address: string) => Cell | undefined, cells: readonly Cell[]): string {
  if (expectation.kind === 'top') return `top ${expectation.top}: ${named(strongest(cells).slice(0, expectation.top))}`;
  const cell = find(expectation.address);
  return `${expectation.address}: ${expectation.field} ${significant((cell && valueOf(cell, expectation.field)) ?? NaN)}, expected ${limits(expectation)}`;
}

function valueOf(cell: Cell, field: ExpectedField): number | null {
  return cell[field];
}

const named = (cells: readonly Cell[]): string => cells.map((cell) => `${cell.address} ${significant(strengthOf(cell))}`).join(', ');

function whyNothing(cell: Cell): string | null {
  if (!isKnown(cell)) return cell.ran === 0 ? 'it was not run' : 'it has no value, since the logits hold NaN';
  return cell.unchanged ? 'the edit changed no element, so that it says nothing' : null;
}

/** The strongest of the same layer and those beside it, and the strongest of all. */
function neighbours(cell: Cell, cells: readonly Cell[]): readonly Cell[] {
  const ranked = strongest(cells).filter((one) => one !== cell);
  const layer = layerOf(cell.address);
  const near = ranked.filter((one) => layer !== undefined && Math.abs((layerOf(one.address) ?? Infinity) - layer) <= 1).slice(0, NAMED - 1);
  return [...new Set([...near, ...ranked.slice(0, NAMED)])].slice(0, NAMED);
}

function unknown(address: string, cells: readonly Cell[]): string {
  const close = nearest(sameCell(address), cells.map((cell) => cell.address));
  return `${address} is no cell of this experiment${close === undefined ? '' : `; did you mean ${close}`}; the strongest: ${named(strongest(cells).slice(0, NAMED)) || 'none'}`;
}

function limits({ atLeast, atMost }: { readonly atLeast?: number | undefined; readonly atMost?: number | undefined }): string {
  return [...(atLeast === undefined ? [] : [`at least ${atLeast}`]), ...(atMost === undefined ? [] : [`at most ${atMost}`])].join(' and ');
}

/** With as many digits as it takes to tell it from the limits: 0.4996 is not 0.5. */
function beside(value: number, others: readonly (number | undefined)[]): string {
  for (let digits = 3; digits < 12; digits++) {
    const text = significant(value, digits);
    if (!others.some((other) => other !== undefined && significant(other, digits) === text)) return text;
  }
  return String(value);
}
