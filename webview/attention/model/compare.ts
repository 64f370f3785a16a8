/** Two prompts beside each other: both runs, their difference as a run of its own on aligned tokens, and what stands where. Pure. */
import type { AlignedColumn } from '../../../src/shared/align/alignTokens.ts';
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { Alignment } from '../../../src/shared/protocol/compareApi.ts';
import type { LayerPatterns, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { layerKey, placeOf } from './heads.ts';
import type { Head } from './heads.ts';
import type { Run, State } from './state.ts';

/** Either prompt's run, the second less the first, or both beside each other on aligned tokens. */
export const pictures = ['first', 'second', 'difference', 'side'] as const;
export type Shown = (typeof pictures)[number];

export interface Compare {
  /** The second prompt as typed: text or ids, as the first. */
  readonly text: string;
  readonly shown: Shown;
  /** Both are to be run, or are running. */
  readonly asked: boolean;
  readonly error: ErrorData | null;
  readonly compared: Compared | null;
}

export interface Compared {
  readonly runs: Readonly<Record<Shown, Run>>;
  readonly predictions: Readonly<Record<Shown, State['predictions']>>;
}

/** What the run of a difference is of: second less first. */
export interface Difference {
  readonly first: Run;
  readonly second: Run;
  /** Of each tower that takes tokens, by its name. */
  readonly towers: Alignment['towers'];
  /** The largest difference of all heads: both ends of the scale. */
  readonly limit: number;
}

/** The difference as a run, whose tokens are aligned columns. */
export function differenceRun(first: Run, second: Run, { towers }: Alignment, layers: readonly LayerPatterns[], serial: number): Run {
  const tokens = Object.fromEntries(Object.entries(towers).map(([name, columns]) => [name, columns.map((column) => alignedToken(column, first.towers[name] ?? [], second.towers[name] ?? []))]));
  const prompt = Object.entries(first.towers).find(([, own]) => own.length === first.tokens.length && own.every(({ id }, at) => id === first.tokens[at]?.id))?.[0] ?? '';
  let limit = 0;
  for (const { weights } of layers) for (const weight of weights) limit = Math.max(limit, Math.abs(weight));
  return {
    ...first, serial, id: null, mask: undefined, tokens: tokens[prompt] ?? [], towers: tokens, nan: [...first.nan, ...second.nan],
    refused: [...first.refused, ...second.refused],
    layers: new Map(layers.map((layer) => [layerKey(placeOf(layer)), layer])),
    difference: { first, second, towers, limit: limit || 1 },
  };
}

/** What stands where a prompt has no token. */
export const noToken: TokenInfo = { id: -1, text: '', start: 0, end: 0, special: false, approximate: false };

/** "+cat" stands in the second prompt alone, "−cat" in the first; "cat⇒dog" was changed. */
function alignedToken({ kind, a, b }: AlignedColumn, first: readonly TokenInfo[], second: readonly TokenInfo[]): TokenInfo {
  const [own, other] = [a === null ? undefined : first[a], b === null ? undefined : second[b]];
  const token = own ?? other ?? noToken;
  switch (kind) {
    case 'same':
      return token;
    case 'changed':
      return { ...token, text: `${own?.text ?? ''}⇒${other?.text ?? ''}` };
    case 'only-a':
      return { ...token, text: `−${token.text}` };
    case 'only-b':
      return { ...token, text: `+${token.text}` };
    default:
      return kind satisfies never;
  }
}

/** A cell of the difference in both prompts. */
export interface TwoCells {
  readonly row: AlignedColumn;
  readonly col: AlignedColumn;
}

/** Columns of both axes of a head; undefined where they are no tokens, which are compared place by place. */
export function columnsOf({ towers }: Difference, { tower }: Pick<Head, 'tower'>, source: string | null): { readonly dest: readonly AlignedColumn[] | undefined; readonly source: readonly AlignedColumn[] | undefined } {
  return { dest: towers[tower], source: source === null ? undefined : towers[source] };
}

const here = (at: number): AlignedColumn => ({ kind: 'same', a: at, b: at });
export const columnAt = (columns: readonly AlignedColumn[] | undefined, at: number): AlignedColumn => columns?.[at] ?? here(at);

/** Whether a cell is one that only one prompt has, or none: it has no difference. */
export const isMissing = ({ row, col }: TwoCells): boolean => (row.a === null || col.a === null) || (row.b === null || col.b === null);

/** A token of both prompts in words: "·cat @3", "·cat ⇒ ·dog @3", with both positions where they differ. */
export function columnWords({ a, b }: AlignedColumn, first: readonly TokenInfo[], second: readonly TokenInfo[]): string {
  const word = (tokens: readonly TokenInfo[], at: number): string => plainToken(tokens[at]?.text ?? '');
  if (a === null) return b === null ? '' : `${word(second, b)} @${b} of the second prompt`;
  if (b === null) return `${word(first, a)} @${a} of the first prompt`;
  const [own, other] = [word(first, a), word(second, b)];
  return `${own === other ? own : `${own} ⇒ ${other}`} @${a}${a === b ? '' : ` ⇒ @${b}`}`;
}

/** The position in another picture that stands for this one; the nearest before it where there is none. */
export function positionIn(columns: readonly AlignedColumn[] | undefined, at: number, from: Shown, to: Shown): number {
  if (!columns || from === to) return at;
  const aligned = isOfBoth(from) ? at : columns.findIndex((column) => column[keyOf[from]] === at);
  if (isOfBoth(to)) return Math.max(aligned, 0);
  return columns.slice(0, aligned + 1).findLast((column) => column[keyOf[to]] !== null)?.[keyOf[to]] ?? 0;
}

/** Whether a picture's tokens are the columns of both prompts. */
const isOfBoth = (shown: Shown): shown is Exclude<Shown, Side> => shown === 'difference' || shown === 'side';

/** One of the two prompts, and its place in a column. */
export type Side = 'first' | 'second';
export const keyOf = { first: 'a', second: 'b' } as const satisfies Readonly<Record<Side, keyof AlignedColumn>>;
