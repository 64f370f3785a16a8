/** Which neurons fire on one token, and what each adds to a logit on the direct way. */
import { CogscopeError } from '../../shared/errors.ts';
import { toFloat32 } from '../ort/tensor.ts';
import type { Program } from '../program/program.ts';
import { topIndices } from '../analysis/predictions.ts';
import type { Effects } from './effects/effects.ts';
import { requestOf } from './passes.ts';
import type { IndexedModel, IndexPlan } from './plan.ts';
import { bareRow } from './rows.ts';

export interface Fired {
  readonly layer: number;
  /** By neuron. */
  readonly activations: Float32Array;
  /** On the target's logit; undefined where there is no direct way, or none that is known from this layer. */
  readonly effects: Float64Array | undefined;
}

export interface FiredAt {
  readonly layers: readonly Fired[];
  readonly target: number;
}

/** `target` null: the most probable next token. */
export async function firedAt(
  program: Program, model: IndexedModel, plan: IndexPlan, effects: Effects | string, { ids, position, target }: { readonly ids: Uint32Array; readonly position: number; readonly target: number | null }, signal: AbortSignal,
): Promise<FiredAt> {
  const last = plan.shape.cuts.at(-1);
  const { inputs } = requestOf({ rows: [{ id: 0, row: bareRow(ids) }], length: ids.length }, [], model, plan, signal);
  const { taps, logits } = await program.run({ inputs, taps: [...plan.mlps.map(({ post }) => post.value), ...(last ? [last] : [])], logits: [position], signal });
  const vector = (value: (typeof plan.mlps)[number]['post']['value'] | undefined, width: number): Float32Array => {
    const tensor = value && taps.get(value);
    return tensor ? toFloat32(tensor).subarray(position * width, (position + 1) * width) : new Float32Array(width);
  };
  const chosen = target ?? (logits ? topIndices(toFloat32(logits), 1)[0] : undefined);
  if (chosen === undefined) throw new CogscopeError('usage', 'The model predicts no token here', 'Name the token whose logit the effects are on');
  const way = typeof effects === 'string' ? undefined : await effects.onto(chosen, vector(last, effects.width), signal);
  return {
    target: chosen,
    layers: plan.mlps.map(({ layer, neurons, post }): Fired => {
      const activations = vector(post.value, neurons);
      const each = way && typeof effects !== 'string' ? effects.along(layer, way) : undefined;
      return { layer, activations, effects: each?.map((effect, neuron) => effect * (activations[neuron] as number)) };
    }),
  };
}
