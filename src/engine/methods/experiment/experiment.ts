/** Runs an experiment: reads its pairs, runs them untouched, lays the cells out, and fills them in, telling each batch as it is made. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Experiment } from '../../../shared/experiment/experiment.ts';
import { countRun, EQUAL_METRICS, isRun, noCells } from '../../../shared/experiment/result.ts';
import type { CellValues, ExperimentFrame, ExperimentOutcome, ExperimentProgress, PairFrame } from '../../../shared/experiment/result.ts';
import { mean } from '../../../shared/mean.ts';
import type { ExperimentParams } from '../../../shared/protocol/experimentApi.ts';
import { logProbabilities, metrics } from '../../analysis/metrics.ts';
import type { MetricContext } from '../../analysis/metrics.ts';
import { predictingTower } from '../../program/chain.ts';
import type { Value } from '../../onnx/graph.ts';
import type { ModelSession } from '../../session.ts';
import type { Context, LaidOut, Sink } from './context.ts';
import { editedBy, layOut } from './kinds.ts';
import { readPairs } from './pairs.ts';
import type { Pair } from './pairs.ts';
import { Runs } from './runs.ts';
import { needsOf } from './variants.ts';

export async function runExperiment(session: ModelSession, { experiment, known }: ExperimentParams, progress: (body: ExperimentProgress) => void, signal: AbortSignal): Promise<ExperimentOutcome> {
  const started = performance.now();
  const { context, clean } = await prepare(session, experiment, (what) => progress({ kind: 'step', what }), signal);
  const laidOut = await layOut(context, experiment, clean);
  const frame = frameOf(context, experiment, laidOut);
  const values = valuesFor(frame, known);
  progress({ kind: 'frame', frame });
  const sink = new CellSink(context, frame, values, progress);
  await laidOut.run(sink);
  return { frame, ...values, passes: sink.passes + clean.length, ms: performance.now() - started };
}

interface Prepared {
  readonly context: Context;
  /** By pair: the metric of the clean run, and its logits. */
  readonly clean: readonly number[];
  readonly cleanLogits: readonly Float32Array[];
}

/** The pairs and their clean runs, which say what the metric measures against. `taps` are kept of every run. */
export async function prepare(session: ModelSession, experiment: Experiment, step: (what: string) => void, signal: AbortSignal, taps: readonly Value[] = []): Promise<Prepared> {
  const tower = predictingTower(session.anatomy);
  if (!tower) throw new CogscopeError('refused', 'This model gives no scores over a vocabulary, so there is nothing to measure a change by', 'Use a model with a language-model head');
  const program = session.getProgram();
  const pairs = readPairs(session, experiment);
  const edited = [...new Set(editedBy(session, experiment))];
  const places = [...new Set(edited.map((entry) => entry.place.value))];
  const cuts = [...new Set([...places, ...(reachesFew(experiment, pairs) ? program.positionCuts(places) : [])])];
  const runs = new Runs({ session, program, cuts, signal }, [...new Set([...needsOf(program, edited, cuts), ...cuts, ...taps])]);
  const cleanLogits: Float32Array[] = [];
  for (const [index, { clean, position }] of pairs.entries()) {
    step(pairs.length === 1 ? 'running the prompts' : `running prompt ${index + 1} of ${pairs.length}`);
    cleanLogits.push(...(await runs.of(clean, position)).logits);
  }
  const contexts = cleanLogits.map((logits, index) => metricContext(pairs[index], logits));
  const measure = (pair: number, logits: readonly Float32Array[]): number => {
    const against = contexts[pair];
    if (!against) return NaN;
    return logits.reduce((sum, row) => sum + metrics[experiment.metric].of(row, against), 0) / logits.length;
  };
  return { context: { session, program, edited, cuts, runs, taps, pairs, signal, step, measure }, clean: cleanLogits.map((logits, pair) => measure(pair, [logits])), cleanLogits };
}

/** Of the positions of a prompt, those that all prompts have in common, from which on it pays to run the rest alone. */
const SHARED = 0.25;

/** A cell's edit reaches few positions: it lies at one, or what the prompts differ in begins late. Then blocks are cut around attention, which costs about as much as a tenth of the positions. */
function reachesFew(experiment: Experiment, pairs: readonly Pair[]): boolean {
  if (experiment.kind !== 'activation-patching' && experiment.kind !== 'ablation') return false;
  if (experiment.by === 'position' || experiment.by === 'head-position' || experiment.by === 'head-dest-src') return true;
  return experiment.kind === 'activation-patching' && pairs.every(({ clean, corrupted }) => [...clean].every(([tower, tokens]) => {
    const others = corrupted?.get(tower) ?? [];
    const parting = tokens.findIndex(({ id }, position) => id !== others[position]?.id);
    return parting < 0 || parting >= SHARED * tokens.length;
  }));
}

function metricContext(pair: Pair | undefined, clean: Float32Array): MetricContext {
  return { target: pair?.target?.id ?? null, distractor: pair?.distractor?.id ?? null, clean: logProbabilities(clean) };
}

function frameOf({ session, program, pairs }: Context, experiment: Experiment, { grids, addresses, notes, clean, corrupted, subjects }: LaidOut): ExperimentFrame {
  const tower = predictingTower(session.anatomy)?.name ?? '';
  const frames = pairs.map((pair, index): PairFrame => ({
    clean: pair.clean.get(tower) ?? [], corrupted: pair.corrupted?.get(tower) ?? null, target: pair.target, distractor: pair.distractor, position: pair.position,
    subject: subjects?.[index] ?? [], cleanMetric: clean[index] ?? NaN, corruptedMetric: corrupted?.[index] ?? null,
  }));
  const means = { clean: mean(clean), corrupted: corrupted && mean(corrupted) };
  return {
    kind: experiment.kind, metric: experiment.metric, direction: 'direction' in experiment && (experiment.direction === 'denoise' || experiment.direction === 'noise') ? experiment.direction : null,
    grids, addresses, pairs: frames, ...means,
    notes: [
      ...notes,
      ...(means.corrupted !== null && Math.abs(means.clean - means.corrupted) <= EQUAL_METRICS ? ['The clean and the corrupted run have the same metric, so no share of a difference can be told: raw values are shown'] : []),
      ...(program.shape.stackable ? [] : ['One scale spans the rows of this model, or it takes one row only: variants were run one by one']),
    ],
  };
}

function valuesFor({ addresses, pairs }: ExperimentFrame, known: CellValues | undefined): CellValues {
  const count = addresses.length * pairs.length;
  if (known && known.metrics.length === count && known.unchanged.length === count) return { metrics: known.metrics.slice(), unchanged: known.unchanged.slice() };
  return noCells(count);
}

class CellSink implements Sink {
  passes = 0;
  readonly onBase: Sink['onBase'] = () => undefined;
  private readonly context: Context;
  private readonly frame: ExperimentFrame;
  private readonly values: CellValues;
  private readonly progress: (body: ExperimentProgress) => void;
  private done: number;
  private readonly of: number;

  constructor(context: Context, frame: ExperimentFrame, values: CellValues, progress: (body: ExperimentProgress) => void) {
    this.context = context;
    this.frame = frame;
    this.values = values;
    this.progress = progress;
    this.done = countRun(values);
    this.of = frame.pairs.length * frame.addresses.filter((address) => address !== '').length;
  }

  readonly wants: Sink['wants'] = (pair, cell) => !isRun(this.values, pair * this.frame.addresses.length + cell);

  readonly ran: Sink['ran'] = (rows) => {
    this.passes += rows;
  };

  readonly add: Sink['add'] = (pair, results) => {
    const indices = Uint32Array.from(results, ({ cell }) => pair * this.frame.addresses.length + cell);
    const metrics = Float64Array.from(results, ({ logits }) => this.context.measure(pair, logits));
    const unchanged = Uint8Array.from(results, ({ changed }) => (changed ? 0 : 1));
    indices.forEach((index, at) => {
      this.values.metrics[index] = metrics[at] ?? NaN;
      this.values.unchanged[index] = unchanged[at] ?? 0;
    });
    this.done += results.length;
    this.progress({ kind: 'cells', indices, metrics, unchanged, done: this.done, of: this.of });
  };
}
