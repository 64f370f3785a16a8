/** Rectangles of what lies behind a head's pattern. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { AttentionTile, AttentionTileParams, AttentionView, AttentionViewParams } from '../../../shared/protocol/attentionApi.ts';
import { alongThrough, normsThrough } from '../../analysis/attention/moved.ts';
import { identity, rolled } from '../../analysis/attention/rollout.ts';
import { patternTile } from '../../analysis/patterns.ts';
import type { CanonicalArray } from '../../anatomy/canonical.ts';
import type { KeptRun } from '../../keptRuns.ts';
import type { ModelSession } from '../../session.ts';
import { checkHead, checkPredicts, headMap, layerOfRun, patternOfRun, valuesOf } from './layer.ts';
import type { LayerOfRun } from './layer.ts';
import { wayToLogit } from './toLogit.ts';

/** A layer's sheets, [rows, cols] row-major, made head by head. */
interface Sheets {
  readonly heads: number;
  readonly rows: number;
  readonly cols: number;
  readonly sheet: (head: number) => Float32Array;
  /** [rows]: what a head writes as a whole, where its sheet is what each source adds to that. */
  readonly written?: (head: number) => Float32Array;
}

type View = (session: ModelSession, run: KeptRun, params: AttentionViewParams, signal: AbortSignal) => Promise<Sheets>;

const views: Readonly<Record<AttentionView, View>> = { scores, weighted, effect, rollout };

export async function attentionTile(session: ModelSession, params: AttentionTileParams, signal: AbortSignal): Promise<AttentionTile> {
  const made = await views[params.view](session, session.runs.get(params.run), params, signal);
  const { rows, cols } = made;
  // One sheet may stand for all heads.
  const head = params.view === 'rollout' ? 0 : params.head;
  checkHead(made, head);
  const tile = patternTile({ shape: [1, 1, rows, cols], data: made.sheet(head) }, 0, params);
  const first = Math.min(Math.max(Math.trunc(params.row) || 0, 0), rows);
  return made.written ? { ...tile, written: made.written(head).slice(first, first + tile.rows) } : tile;
}

/** Where attention may not look, masks have numbers far below all scores: they are one −∞. */
const MASKED = -1e4;

async function scores(session: ModelSession, run: KeptRun, params: AttentionViewParams, signal: AbortSignal): Promise<Sheets> {
  const layer = await layerOfRun(session, run, params, signal);
  const { scores: own, pattern } = layer;
  if (!own) throw new CogscopeError('refused', 'The scores of this layer are not recognised', 'Look at the pattern alone');
  return sheetsOf(layer, (head) => {
    const weights = headOf(pattern, head);
    return headOf(own, head).map((score, at) => (score <= MASKED && weights[at] === 0 ? -Infinity : score));
  });
}

async function weighted(session: ModelSession, run: KeptRun, params: AttentionViewParams, signal: AbortSignal): Promise<Sheets> {
  const layer = await layerOfRun(session, run, params, signal);
  const norms = normsThrough(valuesOf(layer), headMap(layer), layer.heads);
  return sheetsOf(layer, (head) => times(layer, head, norms));
}

async function effect(session: ModelSession, run: KeptRun, { target, distractor, ...place }: AttentionViewParams, signal: AbortSignal): Promise<Sheets> {
  checkPredicts(session, place);
  if (target === undefined) throw new CogscopeError('usage', 'No token is asked about', 'Give the token whose logit is looked at');
  const layer = await layerOfRun(session, run, place, signal);
  const map = headMap(layer);
  const { direction, scale } = await wayToLogit(session, run, { target, distractor }, signal);
  const factors = alongThrough(valuesOf(layer), map, layer.heads, direction);
  const whole = layer.z && alongThrough(layer.z, map, layer.heads, direction);
  const [, , rows = 1, cols = 1] = layer.pattern.shape;
  return {
    ...sheetsOf(layer, (head) => times(layer, head, factors).map((value, at) => value / (scale[Math.floor(at / cols)] ?? NaN))),
    ...(whole && { written: (head: number) => Float32Array.from(scale, (divisor, row) => (whole[head * rows + row] ?? NaN) / divisor) }),
  };
}

/** Layers that were rolled out, by tower. */
const known = new WeakMap<KeptRun, Map<string, Float32Array[]>>();

async function rollout(_: ModelSession, run: KeptRun, { tower, attention, layer }: AttentionViewParams, signal: AbortSignal): Promise<Sheets> {
  if (attention === 'cross') throw new CogscopeError('refused', 'Rollout follows one text through its own layers, and cross attention reads another', 'Choose self attention');
  const size = patternOfRun(run, { tower, attention, layer }).shape[2] ?? 0;
  const towers = known.get(run) ?? new Map<string, Float32Array[]>();
  const layers = towers.get(tower) ?? [];
  known.set(run, towers.set(tower, layers));
  for (let index = layers.length; index <= layer; index++) {
    // A thousand positions take a second a layer.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new CogscopeError('cancelled', 'Cancelled');
    layers[index] = rolled(patternOfRun(run, { tower, attention, layer: index }), layers[index - 1] ?? identity(size));
  }
  return { heads: 1, rows: size, cols: size, sheet: () => layers[layer] ?? new Float32Array() };
}

function sheetsOf({ heads, pattern }: LayerOfRun, sheet: Sheets['sheet']): Sheets {
  const [, , rows = 0, cols = 0] = pattern.shape;
  return { heads, rows, cols, sheet };
}

/** One head of [1, head, dest, src]. */
function headOf({ shape, data }: CanonicalArray, head: number): Float32Array {
  const [, , rows = 0, cols = 0] = shape;
  return data.subarray(head * rows * cols, (head + 1) * rows * cols);
}

/** A head's attention times a number for each position that it looks at, [heads, src]. */
function times({ pattern }: LayerOfRun, head: number, factors: Float32Array | Float64Array): Float32Array {
  const [, , , cols = 1] = pattern.shape;
  return headOf(pattern, head).map((weight, at) => weight * (factors[head * cols + (at % cols)] ?? NaN));
}
