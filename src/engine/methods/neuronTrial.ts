/** A neuron's readings on a text that is run for it. */
import { CogscopeError } from '../../shared/errors.ts';
import type { ReadingTrial } from '../../shared/neurons/readings.ts';
import type { NeuronApi } from '../../shared/protocol/neuronApi.ts';
import { activationsOf } from '../neurons/activations.ts';
import type { NumberedRow } from '../neurons/passes.ts';
import { planIndex } from '../neurons/plan.ts';
import { FIRES } from '../neurons/readings/read.ts';
import { Trial } from '../neurons/readings/trial.ts';
import { RowReader, START } from '../neurons/rows.ts';
import type { Row } from '../neurons/rows.ts';
import type { ModelSession } from '../session.ts';
import { figuresOfNeuron, indexedModel, neuronOf } from './neurons.ts';

/** Tokens of a file that are run. */
const MOST = 50_000;
/** Tokens of a row, where the model's context is longer or not told. */
const LENGTH = 256;

export async function testReadings(session: ModelSession, { db, address, text }: Parameters<NeuronApi['testReadings']>[0], signal: AbortSignal): Promise<ReadingTrial> {
  const program = session.getProgram();
  const { max, readings } = await figuresOfNeuron(session, db, address);
  const model = indexedModel(session);
  const plan = planIndex(model);
  const reader = new RowReader(model.tokenizer, plan.fixed ?? Math.min(plan.tower.context ?? LENGTH, LENGTH), plan.vocab);
  const rows: NumberedRow[] = [];
  let tokens = 0;
  for await (const row of text.kind === 'typed' ? reader.ofText(text.text) : reader.read([text], START)) {
    rows.push({ id: rows.length, row });
    tokens += row.ids.length;
    if (tokens >= MOST) break;
  }
  const traits = session.getTraits();
  const trial = new Trial(readings, traits, Math.max(max * FIRES, Number.MIN_VALUE));
  for await (const { row: { row }, values: [values] } of activationsOf(program, model, plan, [neuronOf(address)], rows, signal)) addRow(trial, row, values ?? new Float32Array(), (position) => traits.at(row.ids, position));
  const { tokens: read, ...result } = trial.result;
  if (read === 0) throw new CogscopeError('usage', 'There is no text to try the readings on', 'Write some words');
  return { address, tokens: read, ...result };
}

function addRow(trial: Trial, { scored }: Row, values: Float32Array, features: (position: number) => Parameters<Trial['add']>[0]): void {
  scored.forEach((counts, position) => {
    if (counts === 1) trial.add(features(position), values[position] ?? NaN);
  });
}
