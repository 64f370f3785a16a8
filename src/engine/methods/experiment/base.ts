/** A run of a prompt that others are made from: its inputs, what is kept of it, and its logits at the measured position. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Value } from '../../onnx/graph.ts';
import { toFloat32 } from '../../ort/tensor.ts';
import type { Tensor } from '../../ort/tensor.ts';
import { prepareInputs } from '../../program/inputs.ts';
import type { Edit, Program, RunOutput, RunRequest } from '../../program/program.ts';
import { rowOf, stack } from '../../program/tensors.ts';
import type { ModelSession } from '../../session.ts';
import { idsOf } from '../prompt.ts';
import type { TowerTokens } from '../prompt.ts';

export interface Base {
  readonly inputs: ReadonlyMap<Value, Tensor>;
  readonly tokens: TowerTokens;
  /** Rows of each kept tensor: more than one where the run itself has variants (samples of noise). */
  readonly rows: number;
  readonly kept: ReadonlyMap<Value, Tensor>;
  /** One for each row. */
  readonly logits: readonly Float32Array[];
}

/** Where and with which cuts a run is made. */
export interface RunPlace {
  readonly session: ModelSession;
  readonly program: Program;
  readonly cuts: readonly Value[];
  readonly signal: AbortSignal;
}

export interface BaseRequest {
  readonly tokens: TowerTokens;
  readonly position: number;
  readonly keep: readonly Value[];
  /** Rows that differ by these edits; one without them. */
  readonly rows?: number;
  readonly edits?: readonly Edit[];
}

export function inputsOf(session: ModelSession, tokens: TowerTokens): ReadonlyMap<Value, Tensor> {
  return prepareInputs(session.model, session.types, session.anatomy, idsOf(tokens), {}).tensors;
}

export async function baseRun({ session, program, cuts, signal }: RunPlace, { tokens, position, keep, rows = 1, edits = [] }: BaseRequest): Promise<Base> {
  const inputs = inputsOf(session, tokens);
  if (rows > 1 && !program.shape.stackable) return { inputs, tokens, rows, ...await rowByRow(program, { inputs, cuts, edits, taps: keep, logits: [position], signal }, rows) };
  const output = await program.run({ inputs: rows === 1 ? inputs : program.stacked(inputs, rows), cuts, edits, taps: keep, logits: [position], signal });
  return { inputs, tokens, rows, kept: output.taps, logits: logitRows(output.logits, rows) };
}

/** Rows that must not share a batch, run one after the other; edits are told which row they are in. */
async function rowByRow(program: Program, request: RunRequest, rows: number): Promise<Pick<Base, 'kept' | 'logits'>> {
  const outputs: RunOutput[] = [];
  for (let row = 0; row < rows; row++) {
    outputs.push(await program.run({ ...request, edits: (request.edits ?? []).map(({ value, apply }) => ({ value, apply: (tensor: Tensor) => apply(tensor, row) })) }));
  }
  const values = [...outputs[0]?.taps.keys() ?? []];
  return {
    kept: new Map(values.map((value) => [value, stack(outputs.flatMap(({ taps }) => taps.get(value) ?? []))])),
    logits: outputs.flatMap(({ logits }) => logitRows(logits, 1)),
  };
}

/** [rows, 1, vocab] as a row each. */
export function logitRows(logits: Tensor | null, rows: number): readonly Float32Array[] {
  if (!logits) throw new CogscopeError('internal', 'The run gave no logits');
  return Array.from({ length: rows }, (_, row) => toFloat32(rowOf(logits, row, rows)));
}
