/** Before an index is made: the ranges of histograms, and how long a token takes, from the first passes. */
import { passesOf } from './passes.ts';
import type { NumberedRow } from './passes.ts';
import type { IndexPlan } from './plan.ts';
import type { Row } from './rows.ts';
import type { PassRunner } from './runner.ts';
import { RangeFinder } from './state/mlp.ts';
import type { Range } from './state/mlp.ts';

/** Tokens whose activations make the ranges. */
const CALIBRATION = 4096;
const TIMED = 512;

async function first(rows: AsyncIterable<Row>, tokens: number): Promise<readonly NumberedRow[]> {
  const found: NumberedRow[] = [];
  let size = 0;
  for await (const row of rows) {
    found.push({ id: found.length, row });
    size += row.ids.length;
    if (size >= tokens) break;
  }
  return found;
}

/** Of each layer's neurons. */
export async function calibrate(runner: PassRunner, plan: IndexPlan, rows: AsyncIterable<Row>, signal: AbortSignal): Promise<readonly Range[]> {
  const finders = plan.mlps.map(({ neurons }) => new RangeFinder(neurons));
  for (const pass of passesOf(await first(rows, CALIBRATION), plan)) {
    const samples = runner.samples(await runner.run(pass, runner.sampleOf(pass, 1), signal));
    finders.forEach((finder, at) => finder.add(samples[at] ?? new Float32Array()));
  }
  return finders.map((finder) => finder.range());
}

/** Milliseconds, without the time that the sessions take to be made. */
export async function timePerToken(runner: PassRunner, plan: IndexPlan, rows: AsyncIterable<Row>, signal: AbortSignal): Promise<number> {
  const passes = passesOf(await first(rows, TIMED), plan);
  const [warming] = passes;
  if (!warming) return 0;
  await runner.run(warming, runner.sampleOf(warming, 8), signal);
  const started = performance.now();
  for (const pass of passes) await runner.run(pass, runner.sampleOf(pass, 8), signal);
  return (performance.now() - started) / passes.reduce((sum, { rows: some }) => sum + some.reduce((size, { row }) => size + row.ids.length, 0), 0);
}
