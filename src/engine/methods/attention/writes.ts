/** What one head writes, as tokens: the logits that it raises and lowers most. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { HeadWrites, HeadWritesParams, TokenEffect } from '../../../shared/protocol/attentionApi.ts';
import { written } from '../../analysis/attention/moved.ts';
import type { HeadVectors } from '../../analysis/attention/moved.ts';
import { topIndices } from '../../analysis/predictions.ts';
import { predictingTower } from '../../program/chain.ts';
import { sizeOf } from '../../neurons/effects/normKind.ts';
import { inputsOf } from '../../keptRuns.ts';
import type { KeptRun } from '../../keptRuns.ts';
import type { ModelSession } from '../../session.ts';
import { lastNormOf, sizeFor } from '../lens/directions.ts';
import { positionIn } from '../prompt.ts';
import { endOfRun, scalesOfRun } from './end.ts';
import { checkHead, checkPredicts, headMap, layerOfRun, valuesOf } from './layer.ts';

const TOP = 10;

export async function headWrites(session: ModelSession, params: HeadWritesParams, signal: AbortSignal): Promise<HeadWrites> {
  const { head, top = TOP, source = null } = params;
  checkPredicts(session, params);
  const run = session.runs.get(params.run);
  const layer = await layerOfRun(session, run, params, signal);
  checkHead(layer, head);
  const map = headMap(layer);
  const end = await endOfRun(session, run, signal);
  const norm = await lastNormOf(session, end.tail, signal);
  const rows = layer.pattern.shape[2] ?? 0;
  const position = positionIn(params.position ?? -1, rows);
  const vectors = await vectorsOf(session, run, params, layer, signal);
  const vector = written(vectors, map, layer.heads, head, source ? positionIn(source.position, vectors.shape[1] ?? 0) : position);
  const scale = await scalesOfRun(session, end, norm, signal);
  const size = sizeOf(norm.norm, vector);
  if (size === 0) return { top: [], bottom: [] };
  // Of the size of a state, so that the norm's epsilon is nothing beside it; what it divides by is put back.
  const height = norm.norm === 'none' ? 1 : sizeFor(session) / size;
  const logits = await end.tail.logits(vector.map((value) => value * height), signal);
  const factor = (norm.norm === 'none' ? 1 : size) / (scale[position] ?? NaN);
  const effects = logits.map((logit, id) => (logit - (norm.base[id] ?? NaN)) * factor);
  const named = (ids: readonly number[]): readonly TokenEffect[] => ids.map((id) => ({ id, text: session.decode(id), effect: effects[id] ?? NaN }));
  const count = Math.min(Math.max(Math.trunc(top), 1), 100);
  return { top: named(topIndices(effects, count)), bottom: named(topIndices(effects.map((value) => -value), count)) };
}

/** What enters W_O: what heads mixed, or the values that they would take from one position. */
async function vectorsOf(session: ModelSession, run: KeptRun, params: HeadWritesParams, layer: Parameters<typeof valuesOf>[0], signal: AbortSignal): Promise<HeadVectors> {
  if (!params.source) {
    if (!layer.z) throw new CogscopeError('internal', 'The run gave no z');
    return layer.z;
  }
  return params.source.reads === 'state' ? valuesOf(layer) : await valuesOfEmbedding(session, run, params, signal);
}

/** Values of a layer whose states are the tokens' embeddings alone, by the layer's own nodes. */
async function valuesOfEmbedding(session: ModelSession, run: KeptRun, { tower: prefix, attention, layer }: HeadWritesParams, signal: AbortSignal): Promise<HeadVectors> {
  const tower = predictingTower(session.anatomy);
  const [embed, block] = [tower?.embed?.value, tower?.blocks.find(({ index }) => index === layer)];
  const entry = session.entry(`${prefix}blocks.${layer}.attn.hook_v`);
  if (attention === 'cross' || !tower || !embed || !block || !entry) throw new CogscopeError('refused', 'The circuit from a token’s embedding to this head is not recognised', 'Ask for what it would write of the state instead');
  const program = session.getProgram();
  const cut = block.start.value;
  const crossing = program.crossing(cut);
  if (!crossing) throw new CogscopeError('refused', 'This layer cannot be run by itself', 'Ask for what it would write of the state instead');
  const inputs = inputsOf(run);
  const { taps } = await program.run({ inputs, taps: [embed, cut, ...crossing], logits: 'none', signal });
  const [state, shape] = [taps.get(embed), taps.get(cut)];
  if (!state || !shape || state.data.length !== shape.data.length) throw new CogscopeError('refused', 'The embeddings are not as wide as the stream', 'Ask for what it would write of the state instead');
  const kept = new Map(crossing.flatMap((value) => {
    const tensor = taps.get(value);
    return tensor ? [[value, tensor] as const] : [];
  }));
  const output = await program.run({ inputs, from: { cut, state: { ...state, dims: shape.dims }, rows: 1, crossing: kept }, taps: [entry.place.value], logits: 'none', signal });
  const values = output.taps.get(entry.place.value);
  if (!values) throw new CogscopeError('internal', 'The layer gave no values');
  return session.canonical(entry, values, run.towers.get(tower.name)?.length ?? null);
}
