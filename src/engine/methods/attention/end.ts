/** A finished run's way from its last state to the logits, for what heads write. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Value } from '../../onnx/graph.ts';
import type { Tensor } from '../../ort/tensor.ts';
import { sizeOf } from '../../neurons/effects/normKind.ts';
import type { LastNorm } from '../../neurons/effects/normKind.ts';
import { inputsOf } from '../../keptRuns.ts';
import type { KeptRun } from '../../keptRuns.ts';
import type { ModelSession } from '../../session.ts';
import { scalesOf } from '../lens/directions.ts';
import { rowsAt } from '../lens/lens.ts';
import { planTail, Tail } from '../lens/tail.ts';

export interface RunEnd {
  readonly tail: Tail;
  /** [positions, width], of the tower that predicts. */
  readonly states: Float32Array;
}

const known = new WeakMap<KeptRun, RunEnd>();

/** Throws 'refused' where states of the model cannot be read as tokens. */
export async function endOfRun(session: ModelSession, run: KeptRun, signal: AbortSignal): Promise<RunEnd> {
  const plan = planTail(session);
  if (plan.program.shape.sharesScale) throw new CogscopeError('refused', 'The model rounds activations to eight bits by one scale for all positions, so that what a head writes is no part of a logit', 'Choose the file in single precision');
  const kept = known.get(run);
  if (kept) return kept;
  const inputs = inputsOf(run);
  const crossing = new Map<Value, Tensor>();
  let state: Tensor | undefined = run.logits?.kind === 'by-position' ? run.logits.state : undefined;
  if (!state) {
    await plan.program.run({
      inputs, taps: [plan.cut, ...plan.crossing], passing: true, logits: 'none', signal,
      onStage: ({ taps }) => {
        state = taps.get(plan.cut) ?? state;
        for (const value of plan.crossing) {
          const tensor = taps.get(value);
          if (tensor) crossing.set(value, tensor);
        }
      },
    });
  }
  const place = plan.tower.blocks.at(-1)?.residPost;
  if (!state || !place) throw new CogscopeError('internal', 'The run gave no last state');
  const states = rowsAt(place, state, run.tokens.length, run.tokens.map((_, position) => position));
  const end = { tail: new Tail(plan, { inputs, state, crossing }), states };
  known.set(run, end);
  return end;
}

/**
 * What the final norm divides each position by. Its epsilon is measured at the smallest state, where it shows most; for the others it is added to what
 * the state itself says, so that not every position goes through the unembedding.
 */
export async function scalesOfRun(session: ModelSession, { tail, states }: RunEnd, last: LastNorm, signal: AbortSignal): Promise<Float64Array> {
  const count = states.length / tail.width;
  const sizes = Float64Array.from({ length: count }, (_, at) => sizeOf(last.norm, states.subarray(at * tail.width, (at + 1) * tail.width)));
  if (last.norm === 'none') return sizes;
  const smallest = sizes.indexOf(sizes.reduce((least, size) => Math.min(least, size), Infinity));
  const { scale } = await scalesOf(session, tail, last, states.subarray(smallest * tail.width, (smallest + 1) * tail.width), [], signal);
  const epsilon = Math.max((scale[0] ?? NaN) ** 2 - (sizes[smallest] ?? NaN) ** 2, 0);
  return sizes.map((size) => Math.sqrt(size * size + epsilon));
}
