/** One cell of an experiment in full: what the model predicts before and after, and what changed on the way. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { PositionPredictions } from '../../../shared/protocol/engineApi.ts';
import type { PatchedRun, PatchedRunParams } from '../../../shared/protocol/experimentApi.ts';
import { topPredictions } from '../../analysis/predictions.ts';
import { predictingTower } from '../../program/chain.ts';
import type { ModelSession } from '../../session.ts';
import type { Base } from './base.ts';
import { changeNorms, statesOf } from './change.ts';
import type { CellResult } from './context.ts';
import { prepare } from './experiment.ts';
import { layOut } from './kinds.ts';

const TOP = 10;

export async function patchedRun(session: ModelSession, { experiment, pair, address }: PatchedRunParams, signal: AbortSignal): Promise<PatchedRun> {
  const tower = predictingTower(session.anatomy);
  const states = tower ? statesOf(session, tower) : [];
  const { context, clean, cleanLogits } = await prepare(session, experiment, () => undefined, signal, states.map(({ place }) => place.value));
  const { pairs, measure, runs } = context;
  const one = pairs[pair];
  const logits = cleanLogits[pair];
  if (!one || !logits || !tower) throw new CogscopeError('usage', `There is no pair ${pair + 1}`, `The experiment has ${pairs.length}`);
  const laidOut = await layOut(context, experiment, clean);
  const wanted = laidOut.addresses.indexOf(address);
  if (wanted < 0) throw new CogscopeError('usage', `No cell of this experiment is "${address}"`, 'Choose one of the result’s addresses');
  let base: Base | undefined;
  let result: CellResult | undefined;
  await laidOut.run({
    wants: (ofPair, cell) => ofPair === pair && cell === wanted,
    onBase: (run) => (base = run),
    ran: () => undefined,
    add: (_, results) => (result = results.find(({ cell }) => cell === wanted) ?? result),
  });
  if (!base || !result) throw new CogscopeError('internal', `${address} was not run`);
  const other = one.corrupted && experiment.kind !== 'steering' ? await runs.of(one.corrupted, one.position) : base.rows > 1 ? base : undefined;
  const length = tower.ids ? base.tokens.get(tower.name)?.length ?? 0 : 0;
  const predict = (rows: readonly Float32Array[]): PositionPredictions => topPredictions(averaged(rows), one.position, TOP, (id) => session.decode(id));
  return {
    address,
    clean: predict([logits]),
    corrupted: other ? predict(other.logits) : null,
    patched: predict(result.logits),
    change: { layers: states.length, positions: length, norms: changeNorms(session, states, { of: result.taps, rows: base.rows }, { of: base.kept, rows: base.rows }, length) },
    between: other ? changeNorms(session, states, { of: (await runs.of(one.clean, one.position)).kept, rows: 1 }, { of: other.kept, rows: other.rows }, length) : null,
    metric: measure(pair, result.logits),
    unchanged: !result.changed,
  };
}

/** Of several samples: logarithms of their mean probabilities, which rank as logits do. */
function averaged(rows: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = rows;
  if (rows.length === 1) return first;
  const sums = new Float64Array(first.length);
  for (const row of rows) {
    let max = -Infinity;
    for (const logit of row) if (logit > max) max = logit;
    let total = 0;
    for (const logit of row) total += Math.exp(logit - max);
    row.forEach((logit, id) => (sums[id] = (sums[id] ?? 0) + Math.exp(logit - max) / total / rows.length));
  }
  return Float32Array.from(sums, (sum) => Math.log(sum));
}
