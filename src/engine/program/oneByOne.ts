/** Variants that must not share a batch, run one after the other: what comes back looks as if they had been stacked. */
import type { Value } from '../onnx/graph.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { ChainShape } from './chain.ts';
import type { RunOutput, RunRequest } from './program.ts';
import { rowOf, stack } from './tensors.ts';

/** `walk` runs one variant; `count` is how many rows the given state has. */
export async function runOneByOne(
  request: RunRequest, count: number, { content }: ChainShape, walk: (one: RunRequest, row: number) => Promise<RunOutput>,
): Promise<RunOutput> {
  const outputs: RunOutput[] = [];
  for (let row = 0; row < count; row++) outputs.push(await walk(oneRow(request, row, count), row));
  const [first] = outputs;
  const taps = new Map<Value, Tensor>();
  for (const [value, tensor] of first?.taps ?? []) {
    // Tables and masks that hang on the length alone are the same for all.
    taps.set(value, content(value) ? stack(outputs.flatMap((output) => output.taps.get(value) ?? [])) : tensor);
  }
  const logits = outputs.flatMap((output) => output.logits ?? []);
  return { taps, logits: logits.length === count ? stack(logits) : null, stages: outputs.reduce((sum, output) => sum + output.stages, 0), probed: new Map() };
}

function oneRow(request: RunRequest, row: number, count: number): RunRequest {
  const { from, onStage } = request;
  const ofRow = (tensors: ReadonlyMap<Value, Tensor>): ReadonlyMap<Value, Tensor> =>
    new Map([...tensors].map(([value, tensor]) => [value, tensor.dims.length > 1 && tensor.dims[0] === count ? rowOf(tensor, row, count) : tensor]));
  return {
    ...request,
    inputs: ofRow(request.inputs),
    ...(from ? { from: { ...from, rows: 1, state: rowOf(from.state, row, count), ...(from.crossing ? { crossing: ofRow(from.crossing) } : {}) } } : {}),
    ...(onStage ? { onStage: (progress) => onStage({ ...progress, stage: row * progress.stages + progress.stage, stages: count * progress.stages }) } : {}),
  };
}
