/** Activations of neurons over rows of text, exact and for every token: what an index does not keep. */
import { CogscopeError } from '../../shared/errors.ts';
import { toFloat32 } from '../ort/tensor.ts';
import type { Program } from '../program/program.ts';
import { passesOf, requestOf } from './passes.ts';
import type { NumberedRow } from './passes.ts';
import type { IndexedModel, IndexPlan } from './plan.ts';

export interface Activations {
  readonly row: NumberedRow;
  /** By position. */
  readonly values: Float32Array;
}

/** The stages behind the neuron's layer are not run. Throws 'usage' where the model has no such neuron, 'cancelled' between two passes. */
export async function* activationsOf(
  program: Program, model: IndexedModel, plan: IndexPlan, { layer, neuron }: { readonly layer: number; readonly neuron: number }, rows: readonly NumberedRow[], signal: AbortSignal,
): AsyncGenerator<Activations> {
  const mlp = plan.mlps.find((one) => one.layer === layer);
  if (!mlp || neuron >= mlp.neurons) throw new CogscopeError('usage', `The model has no neuron L${layer}N${neuron}`, 'Name one that its overview has');
  for (const pass of passesOf(rows, plan)) {
    const { inputs } = requestOf(pass, [], model, plan, signal);
    const { taps } = await program.run({ inputs, taps: [mlp.post.value], logits: 'none', signal });
    const post = taps.get(mlp.post.value);
    const data = post ? toFloat32(post) : new Float32Array();
    for (const [at, row] of pass.rows.entries()) {
      yield { row, values: Float32Array.from(row.row.ids, (_, position) => data[(at * pass.length + position) * mlp.neurons + neuron] ?? NaN) };
    }
  }
}
