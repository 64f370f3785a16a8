/** The texts that heads are scored on: random tokens that come twice, or somebody's prompts; and how they are run. */
import { CogscopeError } from '../../shared/errors.ts';
import { counted } from '../../shared/format.ts';
import type { RepeatedText, ScoredText } from '../../shared/protocol/headApi.ts';
import { repeatedRow } from '../analysis/scores/repeated.ts';
import type { RepeatedShape } from '../analysis/scores/repeated.ts';
import { INT64 } from '../onnx/elementType.ts';
import type { Value } from '../onnx/graph.ts';
import { makeTensor } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import { prepareInputs } from '../program/inputs.ts';
import type { ModelSession } from '../session.ts';
import { otherPrompts } from './captureInputs.ts';
import { mulberry32 } from '../../shared/experiment/random.ts';
import { frozenShape, idsInputs, idsOf, tokensOf, towerTokens, vocabulary } from './prompt.ts';
import type { IdsInput, TowerTokens } from './prompt.ts';

/** Rows that run at once: each tower's tokens have one length in all of them. */
export type Batch = readonly TowerTokens[];

export interface ScoredTexts {
  readonly batches: readonly Batch[];
  readonly repeated: readonly RepeatedText[] | null;
}

/** As many rows, and as long a stretch, as TransformerLens's demonstrations have. */
const ROWS = 10;
const PERIOD = 50;
const MOST_ROWS = 1000;
/** More at a time are no faster, and only make a cancel wait. */
const BATCH_TOKENS = 256;

/** Throws 'usage' where a prompt is none of this model's, and 'refused' where the model takes no tokens, or too few. */
export function scoredTexts(session: ModelSession, text: Exclude<ScoredText, { readonly kind: 'run' }>): ScoredTexts {
  if (text.kind === 'repeated') return repeatedTexts(session, text);
  if (text.prompts.length === 0) throw new CogscopeError('usage', 'There is no prompt', 'Give one, or score heads on random tokens');
  const { prompts, others = {} } = text;
  return { batches: prompts.map((prompt, index) => [towerTokens(session, prompt, otherPrompts(others, index, prompts.length))]), repeated: null };
}

function repeatedTexts(session: ModelSession, { seed = 0, rows = ROWS, period, start }: Extract<ScoredText, { readonly kind: 'repeated' }>): ScoredTexts {
  const inputs = idsInputs(session);
  if (inputs.length === 0) throw new CogscopeError('refused', 'The model reads no tokens, so its heads cannot be scored on them', 'Choose a language model');
  if (!Number.isSafeInteger(rows) || rows < 1 || rows > MOST_ROWS) throw new CogscopeError('usage', `Heads are scored on 1 to ${MOST_ROWS} rows of random tokens, not ${rows}`, 'Choose a number of rows between');
  if (!Number.isSafeInteger(seed) || seed < 0) throw new CogscopeError('usage', 'A seed is a whole number from 0', 'Choose another seed');
  const drawn = inputs.map((input, index) => {
    const pool = poolOf(session, input);
    return { input, pool, shape: shapeOf(session, input, pool.length, { period, start: index === 0 ? start : undefined }) };
  });
  const uniform = mulberry32(seed);
  const made = Array.from({ length: rows }, (): TowerTokens =>
    new Map(drawn.map(({ input, pool, shape }) => [input.name, tokensOf(session, { kind: 'ids', ids: repeatedRow(pool, shape, uniform) }, input)])));
  const tokens = drawn.reduce((sum, { shape }) => sum + shape.length, 0);
  const isStackable = session.getProgram().shape.stackable && inputs.every(({ input }) => session.types.of(input).shape?.length === 2);
  const size = isStackable ? Math.max(1, Math.floor(BATCH_TOKENS / tokens)) : 1;
  return {
    batches: Array.from({ length: Math.ceil(rows / size) }, (_, index) => made.slice(index * size, (index + 1) * size)),
    repeated: drawn.map(({ input, pool, shape }) => ({ tower: input.name, seed, ...shape, pool: stretchesOf(pool) })),
  };
}

/** Tokens to draw from: those that are text. */
export function poolOf(session: ModelSession, input: IdsInput): readonly number[] {
  const size = vocabulary(session, input);
  if (size === null) throw new CogscopeError('refused', 'The file does not tell how large the vocabulary is, so no tokens can be drawn from it', 'Score heads on prompts of your own');
  const { tokenizer } = session;
  const ids = Array.from({ length: size }, (_, id) => id);
  return 'missing' in tokenizer ? ids : ids.filter((id) => tokenizer.isText(id));
}

/** Ascending ids as first and last of each stretch without a gap. */
function stretchesOf(ids: readonly number[]): RepeatedText['pool'] {
  const found: [number, number][] = [];
  for (const id of ids) {
    const last = found.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else found.push([id, id]);
  }
  return found;
}

interface Asked {
  readonly period: number | undefined;
  readonly start: readonly number[] | undefined;
}

/** How long the stretch is, of tokens from a pool of so many: as long as asked for, else as long as the context and the vocabulary allow, up to {@link PERIOD}. */
function shapeOf(session: ModelSession, input: IdsInput, pool: number, { period: asked, start: given }: Asked): RepeatedShape {
  const { before, behind } = framing(session, input);
  const start = given ?? before;
  const { length: fixed } = frozenShape(session, input);
  const around = start.length + behind.length;
  const most = Math.min(pool, fixed === null ? Math.floor(((input.tower?.context ?? Infinity) - around) / 2) : Math.ceil((fixed - around) / 2));
  if (most < 2) throw new CogscopeError('refused', 'The model’s context is too short for tokens that come twice', 'Score heads on prompts of your own');
  const least = fixed === null ? 2 : most;
  if (asked !== undefined && (!Number.isSafeInteger(asked) || asked < least || asked > most)) {
    const range = least === most ? `${most} tokens` : `2 to ${counted(most, 'token')}`;
    throw new CogscopeError('usage', `The stretch that comes twice cannot have ${counted(asked, 'token')}: this model takes ${range}`, 'Choose another length');
  }
  const period = asked ?? (fixed === null ? Math.min(PERIOD, most) : most);
  return { start, end: behind, period, length: fixed ?? around + 2 * period };
}

/** What stands around a text; a decoder behind an encoder begins with the token that its configuration names. */
export function framing({ tokenizer, decoderStart }: ModelSession, { name }: IdsInput): { readonly before: readonly number[]; readonly behind: readonly number[] } {
  if (name === 'dec' && decoderStart !== null) return { before: [decoderStart], behind: [] };
  return 'missing' in tokenizer ? { before: [], behind: [] } : tokenizer.frame;
}

/** Inputs of a batch: each tower's ids, row below row, and the rest filled by role. */
export function batchInputs(session: ModelSession, batch: Batch): ReadonlyMap<Value, Tensor> {
  const { model, types, anatomy } = session;
  const ready = new Map(batch.length === 1 ? [] : idsInputs(session).map(({ name, input }): [string, Tensor] => {
    const rows = batch.map((tokens) => (tokens.get(name) ?? []).map(({ id }) => id));
    return [input.name, makeTensor(types.of(input).elemType || INT64, [rows.length, rows[0]?.length ?? 0], rows.flat())];
  }));
  return prepareInputs(model, types, anatomy, idsOf(batch[0] ?? new Map()), {}, ready).tensors;
}
