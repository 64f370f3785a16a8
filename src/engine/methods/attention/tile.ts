/** Rectangles of what lies behind a head's pattern. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { AttentionTileParams, AttentionView, HeadOutputs } from '../../../shared/protocol/attentionApi.ts';
import type { AttentionPlace, PatternTile } from '../../../shared/protocol/engineApi.ts';
import { alongThrough, normsThrough } from '../../analysis/attention/moved.ts';
import { identity, rolled } from '../../analysis/attention/rollout.ts';
import { patternTile } from '../../analysis/patterns.ts';
import { predictingTower } from '../../program/chain.ts';
import type { KeptRun } from '../../keptRuns.ts';
import type { ModelSession } from '../../session.ts';
import { directionsOf } from '../lens/directions.ts';
import { oneToken } from '../oneToken.ts';
import { endOfRun, scalesOfRun } from './end.ts';
import { checkHead, headMap, layerOfRun, patternOfRun, valuesOf } from './layer.ts';
import type { LayerOfRun } from './layer.ts';

/** A square or rectangle, row-major. */
interface Sheet {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

type View = (session: ModelSession, run: KeptRun, params: AttentionTileParams, signal: AbortSignal) => Promise<Sheet>;

const views: Readonly<Record<AttentionView, View>> = { scores, weighted, effect, rollout };

export async function attentionTile(session: ModelSession, params: AttentionTileParams, signal: AbortSignal): Promise<PatternTile> {
  const { rows, cols, values } = await views[params.view](session, session.runs.get(params.run), params, signal);
  return patternTile({ shape: [1, 1, rows, cols], data: values }, 0, params);
}

/** Norms of what each head writes at each position. */
export async function headOutputs(session: ModelSession, { run, ...place }: AttentionPlace & { readonly run: number }, signal: AbortSignal): Promise<HeadOutputs> {
  const layer = await layerOfRun(session, session.runs.get(run), place, signal);
  const map = headMap(layer);
  const { heads, z } = layer;
  if (!z) throw new CogscopeError('internal', 'The run gave no z');
  const { tower, attention, layer: index } = place;
  return { tower, attention, layer: index, heads, rows: z.shape[1] ?? 0, norms: normsThrough(z, map, heads) };
}

/** Where attention may not look, masks have numbers far below all scores: they are one −∞. */
const MASKED = -1e4;

async function scores(session: ModelSession, run: KeptRun, params: AttentionTileParams, signal: AbortSignal): Promise<Sheet> {
  const layer = await layerOfRun(session, run, params, signal);
  checkHead(layer, params.head);
  if (!layer.scores) throw new CogscopeError('refused', 'The scores of this layer are not recognised', 'Look at the pattern alone');
  const { values: pattern } = sheetOf(layer.pattern, params.head);
  const sheet = sheetOf(layer.scores, params.head);
  return { ...sheet, values: sheet.values.map((score, at) => (score <= MASKED && pattern[at] === 0 ? -Infinity : score)) };
}

async function weighted(session: ModelSession, run: KeptRun, params: AttentionTileParams, signal: AbortSignal): Promise<Sheet> {
  const layer = await layerOfRun(session, run, params, signal);
  checkHead(layer, params.head);
  const norms = normsThrough(valuesOf(layer), headMap(layer), layer.heads);
  return scaledBy(layer, params.head, norms);
}

async function effect(session: ModelSession, run: KeptRun, params: AttentionTileParams, signal: AbortSignal): Promise<Sheet> {
  const tower = predictingTower(session.anatomy);
  if (tower && `${tower.name}${tower.name === '' ? '' : '.'}` !== params.tower) throw new CogscopeError('refused', 'What this tower’s heads write is not what the logits are made of', 'Choose the tower that predicts');
  if (params.target === undefined) throw new CogscopeError('usage', 'No token is asked about', 'Give the token whose logit is looked at');
  const layer = await layerOfRun(session, run, params, signal);
  checkHead(layer, params.head);
  const map = headMap(layer);
  const end = await endOfRun(session, run, signal);
  const prompt = run.tokens.map(({ id }) => id);
  const target = oneToken(session, prompt, params.target, 'target').id;
  const distractor = params.distractor === undefined || params.distractor === null ? null : oneToken(session, prompt, params.distractor, 'distractor').id;
  const directions = await directionsOf(session, end.tail, [target, ...(distractor === null ? [] : [distractor])], () => undefined, signal);
  const own = directions.of.get(target) ?? new Float64Array();
  const other = distractor === null ? undefined : directions.of.get(distractor);
  const direction = own.map((value, at) => value - (other ? other[at] ?? NaN : 0));
  const scale = await scalesOfRun(session, end, directions, signal);
  const sheet = scaledBy(layer, params.head, alongThrough(valuesOf(layer), map, layer.heads, direction));
  return { ...sheet, values: sheet.values.map((value, at) => value / (scale[Math.floor(at / sheet.cols)] ?? NaN)) };
}

/** Layers that were rolled out, by tower. */
const known = new WeakMap<KeptRun, Map<string, Float32Array[]>>();

async function rollout(_: ModelSession, run: KeptRun, { tower, attention, layer }: AttentionTileParams, signal: AbortSignal): Promise<Sheet> {
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
  return { rows: size, cols: size, values: layers[layer] ?? new Float32Array() };
}

/** One head of [1, head, dest, src]. */
function sheetOf({ shape, data }: LayerOfRun['pattern'], head: number): Sheet {
  const [, , rows = 0, cols = 0] = shape;
  return { rows, cols, values: data.subarray(head * rows * cols, (head + 1) * rows * cols) };
}

/** A head's attention times a number for each position that it looks at, [heads, src]. */
function scaledBy({ pattern }: LayerOfRun, head: number, factors: Float32Array | Float64Array): Sheet {
  const { rows, cols, values } = sheetOf(pattern, head);
  return { rows, cols, values: values.map((weight, at) => weight * (factors[head * cols + (at % cols)] ?? NaN)) };
}
