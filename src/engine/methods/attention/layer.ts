/** One layer's attention in a finished run, with more than its pattern: the model is run again up to there, and what was made is kept for what is asked next. */
import { prefixOf } from '../../../shared/addresses.ts';
import { CogscopeError } from '../../../shared/errors.ts';
import type { AttentionPlace } from '../../../shared/protocol/engineApi.ts';
import { readOutputMap } from '../../analysis/outputMap.ts';
import type { OutputMap } from '../../analysis/outputMap.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { CanonicalArray } from '../../anatomy/canonical.ts';
import type { Attention } from '../../anatomy/types.ts';
import { inputsOf, patternKey } from '../../keptRuns.ts';
import type { KeptRun } from '../../keptRuns.ts';
import { predictingTower } from '../../program/chain.ts';
import type { ModelSession } from '../../session.ts';

export interface LayerOfRun {
  readonly heads: number;
  /** [1, head, dest, src] */
  readonly pattern: CanonicalArray;
  /** The same, before the softmax. */
  readonly scores: CanonicalArray | undefined;
  /** [1, src, head, dHead]; shared ones once a group. */
  readonly values: CanonicalArray | undefined;
  /** [1, pos, head, dHead] */
  readonly z: CanonicalArray | undefined;
  /** W_O, or why heads cannot be told apart behind it. */
  readonly map: OutputMap | string;
}

/** Layers of a run that are kept: what is looked at, and what it is compared with. */
const KEPT_LAYERS = 2;

const known = new WeakMap<KeptRun, Map<string, LayerOfRun>>();

/** The pattern of a layer in a run that is kept. Throws 'usage' where there is none. */
export function patternOfRun(run: KeptRun, place: AttentionPlace): CanonicalArray {
  const pattern = run.patterns.get(patternKey(place));
  if (!pattern) throw new CogscopeError('usage', `Layer ${place.layer} has no attention in this run`, 'Run the prompt again');
  return pattern;
}

export async function layerOfRun(session: ModelSession, run: KeptRun, place: AttentionPlace, signal: AbortSignal): Promise<LayerOfRun> {
  const pattern = patternOfRun(run, place);
  const kept = known.get(run) ?? new Map<string, LayerOfRun>();
  known.set(run, kept);
  const key = patternKey(place);
  const layer = kept.get(key) ?? await readLayer(session, run, place, pattern, signal);
  kept.delete(key);
  kept.set(key, layer);
  for (const oldest of [...kept.keys()].slice(0, -KEPT_LAYERS)) kept.delete(oldest);
  return layer;
}

async function readLayer(session: ModelSession, run: KeptRun, place: AttentionPlace, pattern: CanonicalArray, signal: AbortSignal): Promise<LayerOfRun> {
  const attention = attentionAt(session, place);
  const prefix = `${place.tower}blocks.${place.layer}.${place.attention === 'cross' ? 'cross_attn' : 'attn'}`;
  const entries = ['hook_attn_scores', 'hook_v', 'hook_z'].map((hook) => session.entry(`${prefix}.${hook}`));
  const made = new Map<AddressEntry, CanonicalArray>();
  await session.getProgram().run({
    inputs: inputsOf(run), taps: entries.flatMap((entry) => (entry ? [entry.place.value] : [])), passing: true, logits: 'none', signal,
    onStage: ({ taps }) => {
      for (const entry of entries) {
        const tensor = entry && taps.get(entry.place.value);
        if (tensor) made.set(entry, session.canonical(entry, tensor, run.towers.get(entry.tower.name)?.length ?? null));
      }
    },
  });
  const [scores, values, z] = entries.map((entry) => entry && made.get(entry));
  return { heads: pattern.shape[1] ?? 1, pattern, scores, values, z, map: readOutputMap(session.model, attention) };
}

export function attentionAt({ anatomy }: ModelSession, { tower, attention, layer }: AttentionPlace): Attention {
  const block = anatomy.towers.find(({ name }) => prefixOf(name) === tower)?.blocks.find(({ index }) => index === layer);
  const found = attention === 'cross' ? block?.cross : block?.attention;
  if (!found) throw new CogscopeError('usage', `Layer ${layer} has no attention that was recognised`, 'Choose another layer');
  return found;
}

/** Throws 'refused' for heads of a tower that another one follows. */
export function checkPredicts({ anatomy }: ModelSession, { tower }: AttentionPlace): void {
  const predicting = predictingTower(anatomy);
  if (predicting && prefixOf(predicting.name) !== tower) throw new CogscopeError('refused', 'What this tower’s heads write is not what the logits are made of', 'Choose the tower that predicts');
}

/** Throws 'refused' where what heads write cannot be told apart. */
export function headMap({ map, heads, z }: Pick<LayerOfRun, 'map' | 'heads' | 'z'>): OutputMap {
  const refuse = (reason: string): CogscopeError => new CogscopeError('refused', `What each head writes cannot be told: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`, 'Look at the pattern alone');
  if (typeof map === 'string') throw refuse(map);
  const { rows, cols } = map.matrix;
  if (!z) throw refuse('What heads mix is not read');
  if ((map.matrix.transposed ? cols : rows) !== heads * (z.shape[3] ?? 0)) throw refuse('The output projection has another width than the heads together');
  return map;
}

/** Throws 'refused' where the values are not read. */
export function valuesOf({ values }: LayerOfRun): CanonicalArray {
  if (!values) throw new CogscopeError('refused', 'The values of this layer’s heads are not recognised', 'Look at the pattern alone');
  return values;
}

export function checkHead({ heads }: Pick<LayerOfRun, 'heads'>, head: number): void {
  if (!Number.isSafeInteger(head) || head < 0 || head >= heads) throw new CogscopeError('usage', `There is no head ${head}`, heads === 1 ? 'The only one is 0' : `Choose 0 to ${heads - 1}`);
}
