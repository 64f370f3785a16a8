/** Runs with any taps, for the command line and exports: values in TransformerLens's shapes with their statistics. */
import type { CaptureParams, CaptureProgress, CaptureResult, CaptureRow, ContinuedRow, FilledInput, TapResult, TokenInfo } from '../../shared/protocol/engineApi.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { topPredictions } from '../analysis/predictions.ts';
import { safetensorsParts } from '../io/safetensors.ts';
import { checkWritable, saveWhole } from '../io/saveWhole.ts';
import { toFloat32 } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import { predictingTower } from '../program/chain.ts';
import { prepareInputs } from '../program/inputs.ts';
import type { ModelSession } from '../session.ts';
import { captureFeeds } from './captureInputs.ts';
import type { Feed } from './captureInputs.ts';
import { idsOf } from './prompt.ts';
import type { TowerTokens } from './prompt.ts';
import { agreement, continueFeeds } from './continue.ts';
import type { Continued } from './continue.ts';
import { checkTaps, findTaps, pickFrom, stackRows } from './taps.ts';
import type { Tap } from './taps.ts';

interface FeedResult {
  readonly taps: ReadonlyMap<string, CanonicalArray>;
  /** [batch, pos, vocab] or [batch, class]; null where the model scores neither. */
  readonly logits: CanonicalArray | null;
  readonly filled: readonly FilledInput[];
  readonly firstLayer: number;
}

export async function capture(
  session: ModelSession, params: CaptureParams, progress: (body: CaptureProgress) => void, signal: AbortSignal,
): Promise<CaptureResult> {
  const started = performance.now();
  // First of all, a model that cannot run says why.
  session.getProgram();
  if (params.out !== undefined) checkWritable(params.out);
  const taps = findTaps(session, params.taps);
  const keepsArrays = params.values || params.out !== undefined;
  const prompts = await captureFeeds(session, params);
  if (keepsArrays || taps.length > 0) checkOneLength(prompts);
  const { continue: count = 0 } = params;
  const onToken = (index: number, tokens: number): void => progress({ prompt: index + 1, prompts: prompts.length, continued: { tokens, of: count }, stage: 0, stages: 0 });
  const continued = count > 0 ? await continueFeeds(session, prompts, count, params.inputs ?? {}, onToken, signal) : null;
  const feeds = continued?.map(({ feed }) => feed) ?? prompts;
  checkTaps(session, taps, feeds[0]?.rows[0] ?? new Map());
  const results: FeedResult[] = [];
  for (const [index, feed] of feeds.entries()) {
    const stage = (at: number, stages: number): void => progress({ prompt: index + 1, prompts: feeds.length, stage: at, stages });
    results.push(await runFeed(session, feed, taps, params, stage, signal));
  }
  const arrays = new Map(taps.map(({ name }) => [name, stackRows(name, results.flatMap((result) => result.taps.get(name) ?? []))]));
  const logits = keepsArrays && results.every((result) => result.logits !== null) ? stackRows('logits', results.flatMap((result) => result.logits ?? [])) : null;
  const rows = feeds.flatMap((feed, index) => feed.rows.map((towers, row): CaptureRow => {
    const [[first, tokens] = ['', []]] = towers;
    const predicts = predictingTower(session.anatomy)?.name ?? first;
    const predictions = predictionsOf(session, towers.get(predicts) ?? tokens, results[index]?.logits ?? null, row, feed.rows.length, params.top);
    const added = continuedRow(session, towers.get(predicts) ?? tokens, continued?.[index], results[index]?.logits ?? null);
    const { image } = feed;
    return { tokens, ...(image === undefined ? {} : { image }), towers: Object.fromEntries(towers), predicts, predictions, ...(added ? { continued: added } : {}) };
  }));
  // Behind the rows: a continuation that is refused leaves no file.
  if (params.out !== undefined) await saveWhole(params.out, safetensorsParts(new Map([...arrays, ...(logits ? [['logits', logits] as const] : [])])));
  const { read, anatomy } = session.summary.ms;
  return {
    rows,
    filled: results[0]?.filled ?? [],
    taps: Object.fromEntries([...arrays].map(([name, array]) => [name, describe(array, params.values)])),
    ...(params.values && logits ? { logits } : {}),
    ms: { open: read + anatomy, firstLayer: results[0]?.firstLayer ?? 0, run: performance.now() - started },
  };
}

function continuedRow(session: ModelSession, tokens: readonly TokenInfo[], continued: Continued | undefined, logits: CanonicalArray | null): ContinuedRow | null {
  if (!continued) return null;
  const { from, way, reason } = continued;
  return { from, text: tokens.slice(from).map((token) => token.text).join(''), way, reason, maxAbs: agreement(session, continued, logits) };
}

async function runFeed(
  session: ModelSession, feed: Feed, taps: readonly Tap[], params: CaptureParams, onStage: (stage: number, stages: number) => void, signal: AbortSignal,
): Promise<FeedResult> {
  const started = performance.now();
  const towers: TowerTokens = feed.rows[0] ?? new Map();
  const { tensors, filled } = prepareInputs(session.model, session.types, session.anatomy, idsOf(towers), params.inputs ?? {}, feed.given);
  let firstLayer = 0;
  const output = await session.getProgram().run({
    inputs: tensors, taps: [...new Set(taps.map((tap) => tap.entry.place.value))], signal,
    onStage: ({ stage, stages }) => {
      // The first stage embeds, the second is block 0.
      if (stage === Math.min(2, stages)) firstLayer = performance.now() - started;
      onStage(stage, stages);
    },
  });
  const arrays = new Map<string, CanonicalArray>();
  for (const tap of taps) {
    const tensor = output.taps.get(tap.entry.place.value);
    if (tensor) arrays.set(tap.name, pickFrom(tap, session.canonical(tap.entry, tensor, towers.get(tap.entry.tower.name)?.length ?? null, feed.rows.length)));
  }
  return { taps: arrays, logits: predictingTower(session.anatomy) || session.classes ? asArray(output.logits) : null, filled, firstLayer };
}

const asArray = (tensor: Tensor | null): CanonicalArray | null => (tensor ? { shape: tensor.dims, data: toFloat32(tensor) } : null);

function checkOneLength(feeds: readonly Feed[]): void {
  for (const name of feeds[0]?.rows[0]?.keys() ?? []) {
    const lengths = feeds.map((feed) => feed.rows[0]?.get(name)?.length ?? 0);
    if (new Set(lengths).size > 1) throw new CogscopeError('usage', `The prompts have ${lengths.join(', ')} tokens, and what is kept of a batch is one array`, 'Give prompts of one length, or leave out --tap and --out');
  }
}

/** Of one row of a batch, at every position. A model that gives logits for the last positions alone has predictions for these. */
function predictionsOf(session: ModelSession, tokens: readonly TokenInfo[], logits: CanonicalArray | null, row: number, rows: number, top: number): CaptureRow['predictions'] {
  const vocab = logits?.shape.at(-1) ?? 0;
  if (!logits || vocab === 0) return [];
  const { classes } = session;
  if (classes) return [topPredictions(logits.data.subarray(row * vocab, (row + 1) * vocab), 0, top, classes.name)];
  const count = logits.data.length / vocab / rows;
  return Array.from({ length: count }, (_, index) => {
    const start = (row * count + index) * vocab;
    return topPredictions(logits.data.subarray(start, start + vocab), tokens.length - count + index, top, (id) => session.decode(id));
  });
}

function describe(array: CanonicalArray, values: boolean): TapResult {
  let [min, max, sum, squares, nan] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of array.data) {
    if (Number.isNaN(value)) {
      nan++;
      continue;
    }
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    squares += value * value;
  }
  const count = array.data.length - nan;
  return { shape: [...array.shape], min, max, mean: count === 0 ? NaN : sum / count, norm: Math.sqrt(squares), nan, ...(values ? { data: array.data } : {}) };
}
