/**
 * Patterns that heads are held against, as cells of [dest, src]. Those with a name are TransformerLens's (`head_detector.py`, 4.3): lower triangular in a
 * model whose attention looks back only. Where it looks both ways, so do duplicates and induction.
 */
import { CogscopeError } from '../../../shared/errors.ts';
import { counted } from '../../../shared/format.ts';
import type { DetectionPattern, HeadKind } from '../../../shared/protocol/headApi.ts';

/** A pattern; cells that are not listed are 0. */
export interface Detection {
  readonly size: number;
  /** Of cross attention, whose rows and columns are of two texts; square otherwise. */
  readonly cols?: number;
  /** dest * columns + src, ascending. */
  readonly cells: Uint32Array;
  /** One for each cell. */
  readonly weights: Float32Array;
}

/** The text that a pattern is made for. */
export interface DetectionText {
  readonly ids: readonly number[];
  /** Attention looks back only. */
  readonly causal: boolean;
}

/** Whether a position should look at another one. */
type Rule = (text: DetectionText, dest: number, src: number) => boolean;

const isDuplicate: Rule = ({ ids, causal }, dest, src) => src !== dest && ids[src] === ids[dest] && (src < dest || !causal);

const rules: Readonly<Record<HeadKind, Rule>> = {
  previousToken: (_, dest, src) => src === dest - 1,
  duplicateToken: isDuplicate,
  // What stood behind the same token.
  induction: (text, dest, src) => src > 0 && isDuplicate(text, dest, src - 1),
  currentToken: (_, dest, src) => src === dest,
  firstToken: (_, __, src) => src === 0,
};

/** Throws 'usage' for a drawn pattern that is not this text's, and for a pattern that looks ahead where attention cannot. */
export function detectionOf(pattern: DetectionPattern, text: DetectionText): Detection {
  switch (pattern.kind) {
    case 'drawn':
      return drawn(pattern, text);
    case 'offset':
      if (!Number.isSafeInteger(pattern.offset)) throw new CogscopeError('usage', 'An offset is a whole number of tokens', 'Write −1 for the token before');
      if (text.causal && pattern.offset > 0) throw new CogscopeError('usage', `A pattern looks ${counted(pattern.offset, 'token')} ahead, and the model’s attention looks back only`, 'Use an offset of 0 or below');
      return ruled((_, dest, src) => src === dest + pattern.offset, text);
    default:
      return ruled(rules[pattern.kind], text);
  }
}

/**
 * The same of attention to another text, where positions alone can be told: what stands first there, what stands at the same place, or at a stated distance
 * from it. Undefined for patterns that are about one text, and for a distance that leads out of the other.
 */
export function crossDetectionOf(pattern: DetectionPattern, dest: number, src: number): Detection | undefined {
  const at = crossPlaces(pattern);
  if (!at) return undefined;
  const cells = Array.from({ length: dest }, (_, row) => ({ row, col: at(row) })).filter(({ col }) => col >= 0 && col < src).map(({ row, col }) => row * src + col);
  return cells.length === 0 ? undefined : { size: dest, cols: src, cells: Uint32Array.from(cells), weights: new Float32Array(cells.length).fill(1) };
}

/** Where a position looks in another text; null where that means nothing. */
export function crossPlaces(pattern: DetectionPattern): ((row: number) => number) | null {
  switch (pattern.kind) {
    case 'firstToken': return () => 0;
    case 'currentToken': return (row) => row;
    case 'offset': return (row) => row + pattern.offset;
    case 'previousToken': case 'duplicateToken': case 'induction': case 'drawn': return null;
    default: return pattern satisfies never;
  }
}

function ruled(rule: Rule, text: DetectionText): Detection {
  const size = text.ids.length;
  const cells: number[] = [];
  for (let dest = 0; dest < size; dest++) for (let src = 0; src < size; src++) if (rule(text, dest, src)) cells.push(dest * size + src);
  return { size, cells: Uint32Array.from(cells), weights: new Float32Array(cells.length).fill(1) };
}

function drawn({ name, size, values }: Extract<DetectionPattern, { readonly kind: 'drawn' }>, { ids, causal }: DetectionText): Detection {
  if (!Number.isSafeInteger(size) || size < 1 || values.length !== size * size) {
    throw new CogscopeError('usage', `The pattern “${name}” is not square: it has ${counted(values.length, 'cell')}`, 'Draw a row and a column for each token');
  }
  if (size !== ids.length) {
    throw new CogscopeError('usage', `The pattern “${name}” is ${size} by ${size}, and the text has ${counted(ids.length, 'token')}`, 'Draw a row and a column for each token');
  }
  const cells: number[] = [];
  for (const [cell, weight] of values.entries()) {
    if (!Number.isFinite(weight)) throw new CogscopeError('usage', `The pattern “${name}” holds a cell that is no number`, 'Give each cell a number from 0 to 1');
    if (weight === 0) continue;
    if (causal && cell % size > Math.floor(cell / size)) {
      throw new CogscopeError('usage', `The pattern “${name}” looks from token ${Math.floor(cell / size)} ahead to token ${cell % size}, and the model’s attention looks back only`, 'Draw below and on the diagonal');
    }
    cells.push(cell);
  }
  return { size, cells: Uint32Array.from(cells), weights: Float32Array.from(cells, (cell) => values[cell] ?? 0) };
}

/** Where a named pattern looks on tokens that come again after `period`, from each position; null where that is not one distance. */
export function statedOffset(pattern: DetectionPattern, period: number | null): number | null {
  switch (pattern.kind) {
    case 'previousToken': return -1;
    case 'currentToken': return 0;
    case 'duplicateToken': return period && -period;
    case 'induction': return period && 1 - period;
    case 'offset': return pattern.offset;
    case 'firstToken': case 'drawn': return null;
    default: return pattern satisfies never;
  }
}
