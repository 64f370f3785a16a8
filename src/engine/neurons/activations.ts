/** Activations of neurons over rows of text, exact and for every token: what an index does not keep. */
import { CogscopeError } from '../../shared/errors.ts';
import { toFloat32 } from '../ort/tensor.ts';
import type { Program } from '../program/program.ts';
import { passesOf, requestOf } from './passes.ts';
import type { NumberedRow } from './passes.ts';
import type { IndexedModel, IndexPlan } from './plan.ts';

export interface NeuronPlace {
  readonly layer: number;
  readonly neuron: number;
}

export interface Activations {
  readonly row: NumberedRow;
  /** Of each neuron that was asked for, by position. */
  readonly values: readonly Float32Array[];
}

/** The stages behind the last neuron's layer are not run. Throws 'usage' where the model has no such neuron, 'cancelled' between two passes. */
export async function* activationsOf(
  program: Program, model: IndexedModel, plan: IndexPlan, neurons: readonly NeuronPlace[], rows: readonly NumberedRow[], signal: AbortSignal,
): AsyncGenerator<Activations> {
  const places = neurons.map(({ layer, neuron }) => {
    const mlp = plan.mlps.find((one) => one.layer === layer);
    if (!mlp || neuron >= mlp.neurons) throw new CogscopeError('usage', `The model has no neuron L${layer}N${neuron}`, 'Name one that its overview has');
    return { post: mlp.post.value, neurons: mlp.neurons, neuron };
  });
  for (const pass of passesOf(rows, plan)) {
    const { inputs } = requestOf(pass, [], model, plan, signal);
    const { taps } = await program.run({ inputs, taps: [...new Set(places.map(({ post }) => post))], logits: 'none', signal });
    const floats = new Map([...taps].map(([value, tensor]) => [value, toFloat32(tensor)]));
    for (const [at, row] of pass.rows.entries()) {
      yield { row, values: places.map(({ post, neurons: count, neuron }) => Float32Array.from(row.row.ids, (_, position) => floats.get(post)?.[(at * pass.length + position) * count + neuron] ?? NaN)) };
    }
  }
}
