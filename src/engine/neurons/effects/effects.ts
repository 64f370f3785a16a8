/**
 * What each neuron writes: the direct effect of its row of W_out on the logits, for an activation of 1. Folded with the final norm: the row goes
 * through the model's own last stage, and what the norm divides by is taken out again, so that an effect is
 * (W_out · norm's gain) W_U as TransformerLens has it with `fold_ln`, without the mean where the norm takes it away.
 */
import { through } from '../../analysis/lens/products.ts';
import { outputRow, readOutputMap } from '../../analysis/outputMap.ts';
import type { IndexedModel, IndexPlan } from '../plan.ts';
import { LastStage } from './lastStage.ts';
import { readNorm, sizeOf } from './normKind.ts';
import type { LastNorm, NormKind } from './normKind.ts';
import { RANKED } from './rank.ts';

/** Of one layer, [neurons, RANKED]. */
export interface LayerEffects {
  readonly topIds: Uint32Array;
  readonly top: Float32Array;
  readonly bottomIds: Uint32Array;
  readonly bottom: Float32Array;
}

export class Effects {
  readonly norm: NormKind;
  private readonly stage: LastStage;
  private readonly base: Float32Array;
  private readonly model: IndexedModel;
  private readonly plan: IndexPlan;

  private constructor(model: IndexedModel, plan: IndexPlan, stage: LastStage, { norm, base }: LastNorm) {
    this.model = model;
    this.plan = plan;
    this.stage = stage;
    this.norm = norm;
    this.base = base;
  }

  /** A string says why there are none. */
  static async open(model: IndexedModel, plan: IndexPlan, signal: AbortSignal): Promise<Effects | string> {
    if (plan.tower.norm === 'post') return 'Each layer’s norm stands behind what it adds to the stream, so that no neuron has a direct way to the logits';
    const stage = await LastStage.open(model, plan);
    if (typeof stage === 'string') return stage;
    try {
      const read = await readNorm(stage, signal);
      if (typeof read !== 'string' && read.base.length >= RANKED) return new Effects(model, plan, stage, read);
      await stage.release();
      return typeof read === 'string' ? read : 'The vocabulary is too small for it';
    } catch (error) {
      await stage.release();
      throw error;
    }
  }

  /** A string says why those of a layer are not known. */
  async layer(layer: number, signal: AbortSignal): Promise<LayerEffects | string> {
    const mlp = this.plan.tower.blocks.find(({ index }) => index === layer)?.mlp;
    const neurons = mlp?.neurons;
    if (!mlp || !neurons) return 'The file does not tell how many neurons there are';
    const map = readOutputMap(this.model.model, mlp);
    if (typeof map === 'string') return map;
    const { width, room } = this.stage;
    const made: LayerEffects = { topIds: new Uint32Array(neurons * RANKED), top: new Float32Array(neurons * RANKED), bottomIds: new Uint32Array(neurons * RANKED), bottom: new Float32Array(neurons * RANKED) };
    for (let from = 0; from < neurons; from += room) {
      const count = Math.min(room, neurons - from);
      const [vectors, scale] = [new Float32Array(room * width), new Float32Array(room)];
      for (let at = 0; at < count; at++) {
        const row = outputRow(map, from + at);
        const size = sizeOf(this.norm, row);
        // Of the size of a state, so that the norm's epsilon is nothing beside it.
        if (size > 0) vectors.set(row.map((value) => value / size), at * width);
        scale[at] = size;
      }
      const { top, bottom } = await this.stage.ranked(vectors, this.base, scale, signal);
      const kept = count * RANKED;
      made.topIds.set(top.ids.subarray(0, kept), from * RANKED);
      made.top.set(top.values.subarray(0, kept), from * RANKED);
      made.bottomIds.set(bottom.ids.subarray(0, kept), from * RANKED);
      made.bottom.set(bottom.values.subarray(0, kept), from * RANKED);
    }
    return made;
  }

  get width(): number {
    return this.stage.width;
  }

  /** [width]: what each number of the stream adds to a token's logit on the direct way, where the last state is `state`: the gradient with what the norm divides by held as it is. */
  async onto(token: number, state: Float32Array, signal: AbortSignal): Promise<Float64Array> {
    const { width, room } = this.stage;
    const way = new Float64Array(width);
    const unit = new Float32Array(width);
    unit[0] = 1;
    // The same for every unit vector.
    const size = sizeOf(this.norm, unit);
    const divisor = sizeOf(this.norm, state);
    const vocab = this.base.length;
    for (let from = 0; from < width; from += room) {
      const vectors = new Float32Array(room * width);
      const count = Math.min(room, width - from);
      for (let at = 0; at < count; at++) vectors[at * width + from + at] = 1 / size;
      const logits = await this.stage.logits(vectors, signal);
      for (let at = 0; at < count; at++) way[from + at] = (((logits[at * vocab + token] ?? NaN) - (this.base[token] ?? NaN)) * size) / divisor;
    }
    return way;
  }

  /** [neurons]: what an activation of 1 adds along such a way; undefined where W_out is not known. */
  along(layer: number, way: Float64Array): Float64Array | undefined {
    const mlp = this.plan.tower.blocks.find(({ index }) => index === layer)?.mlp;
    const map = mlp ? readOutputMap(this.model.model, mlp) : undefined;
    return map === undefined || typeof map === 'string' ? undefined : through(map, way);
  }

  release(): Promise<void> {
    return this.stage.release();
  }
}
