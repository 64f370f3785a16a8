import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { JsonText } from '../../src/experiments/jsonText.ts';
import { CellStore, keyOf } from '../../src/host/experiments/cellStore.ts';
import { withRun } from '../../src/host/experiments/historyIndex.ts';
import type { RunNote } from '../../src/host/experiments/historyIndex.ts';
import { outcomeFromJson, outcomeToJson } from '../../src/host/experiments/outcomeJson.ts';
import { patchedTexts, resultText } from '../../src/host/experiments/runTexts.ts';
import { MOST_RESUMES, runToEnd } from '../../src/host/experiments/runToEnd.ts';
import { ago, expectationLabel, firstOf } from '../../src/host/experiments/words.ts';
import { takesAt } from '../../src/host/language/addressCandidates.ts';
import { lastLens } from '../../src/host/language/lensText.ts';
import { expectationPlaces } from '../../src/host/language/places.ts';
import { shortVerdict } from '../../src/host/language/verdictMark.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import { judge } from '../../src/shared/experiment/expect.ts';
import type { Patching } from '../../src/shared/experiment/experiment.ts';
import { NOT_RUN } from '../../src/shared/experiment/result.ts';
import type { ExperimentFrame, ExperimentOutcome, ExperimentProgress } from '../../src/shared/experiment/result.ts';
import { readExperiment } from '../../src/shared/experiment/read.ts';
import type { ExperimentParams } from '../../src/shared/protocol/experimentApi.ts';
import type { CallOptions } from '../../src/shared/rpc/connection.ts';

const experiment: Patching = {
  kind: 'activation-patching', model: '/models/a.onnx', pairs: [{ clean: 'a b', corrupted: 'c b', target: ' d' }], metric: 'logit-difference', position: -1, special: true,
  expect: [{ kind: 'cell', address: 'L0H1', field: 'recovered', atLeast: 0.5 }, { kind: 'top', top: 1, includes: ['L0H0'] }], direction: 'denoise', sites: ['z'], by: 'head',
};

const frame: ExperimentFrame = {
  kind: 'activation-patching', metric: 'logit-difference', direction: 'denoise', clean: 4, corrupted: 0, notes: [],
  grids: [{ site: 'z', rows: { name: 'layer', labels: ['0'] }, columns: { name: 'head', labels: ['0', '1', '2'] }, first: 0 }],
  addresses: ['L0H0', 'L0H1', 'L0H2'],
  pairs: [{ clean: [], corrupted: [], target: null, distractor: null, position: 1, subject: [], cleanMetric: 4, corruptedMetric: 0 }],
};

const outcome: ExperimentOutcome = { frame, metrics: Float64Array.of(3, 1, 0), unchanged: Uint8Array.of(0, 0, 1), passes: 5, ms: 10 };

const cells = (index: number): ExperimentProgress =>
  ({ kind: 'cells', indices: Uint32Array.of(index), metrics: outcome.metrics.slice(index, index + 1), unchanged: outcome.unchanged.slice(index, index + 1), done: index + 1, of: 3 });

const died = (): CogscopeError => new CogscopeError('engine-died', 'The engine ended');

suite('cells that arrive', () => {
  test('are all there when the run is cut short, and no others', () => {
    const store = new CellStore();
    store.take({ kind: 'frame', frame });
    assert.equal(store.known, undefined, 'a run without a cell has nothing to go on with');
    store.take(cells(1));
    assert.deepEqual([...store.outcome?.metrics ?? []], [NaN, 1, NaN]);
    assert.equal(store.missing, 2);
    assert.equal(store.isComplete, false);
  });

  test('stay when an engine that goes on lays the same cells out again, and go when it lays out others', () => {
    const store = CellStore.of(outcome);
    store.take({ kind: 'frame', frame: { ...frame, notes: ['again'] } });
    assert.deepEqual([...store.outcome?.metrics ?? []], [3, 1, 0]);
    store.take({ kind: 'frame', frame: { ...frame, addresses: ['L0H0', 'L0H1', 'L0H3'] } });
    assert.equal(store.missing, 3);
  });

  test('that no layer has are not missing', () => {
    const store = CellStore.of({ ...outcome, frame: { ...frame, addresses: ['L0H0', 'L0H1', ''] }, metrics: Float64Array.of(3, 1, NaN), unchanged: Uint8Array.of(0, 0, NOT_RUN) });
    assert.equal(store.isComplete, true);
  });

  test('and hold NaN were run: none is missing', () => {
    const store = new CellStore();
    store.take({ kind: 'frame', frame });
    store.take({ kind: 'cells', indices: Uint32Array.of(0, 1), metrics: Float64Array.of(NaN, 1), unchanged: new Uint8Array(2), done: 2, of: 3 });
    assert.equal(store.missing, 1);
    assert.deepEqual([...store.known?.unchanged ?? []], [0, 0, NOT_RUN]);
    assert.deepEqual([...store.cells.indices], [0, 1], 'who goes on is told of both');
    const kept = outcomeFromJson(JSON.parse(JSON.stringify(outcomeToJson(store.outcome ?? outcome))));
    assert.deepEqual(kept && CellStore.of(kept).missing, 1, 'and so it is kept');
  });

  test('belong to an experiment whatever it expects and wherever its model lies, and whatever the order of its keys', () => {
    assert.equal(keyOf({ ...experiment, expect: [], model: 'elsewhere.onnx' }), keyOf(experiment));
    assert.equal(keyOf(Object.fromEntries(Object.entries(experiment).reverse()) as unknown as Patching), keyOf(experiment));
    assert.notEqual(keyOf({ ...experiment, direction: 'noise' }), keyOf(experiment));
  });
});

suite('an experiment whose engine dies', () => {
  interface Call {
    readonly params: ExperimentParams;
    readonly tell: (progress: ExperimentProgress) => void;
  }
  /** Runs against engines that do these things one after the other. */
  async function run(engines: readonly ((call: Call) => ExperimentOutcome)[]): Promise<{ readonly calls: readonly ExperimentParams[]; readonly told: readonly ExperimentProgress[]; readonly result: ExperimentOutcome }> {
    const calls: ExperimentParams[] = [];
    const told: ExperimentProgress[] = [];
    const call = async (params: ExperimentParams, { onProgress }: CallOptions): Promise<ExperimentOutcome> => {
      calls.push(params);
      const engine = engines[Math.min(calls.length, engines.length) - 1];
      if (!engine) throw new Error('no engine');
      return Promise.resolve(engine({ params, tell: (progress) => onProgress?.(progress) }));
    };
    const result = await runToEnd({ call, experiment, cells: new CellStore(), progress: (progress) => told.push(progress) });
    return { calls, told, result };
  }

  test('goes on with the cells that are missing, and draws its frame once', async () => {
    const { calls, told, result } = await run([
      ({ tell }) => {
        tell({ kind: 'frame', frame });
        tell(cells(0));
        throw died();
      },
      ({ tell }) => {
        tell({ kind: 'frame', frame });
        tell(cells(1));
        return outcome;
      },
    ]);
    assert.equal(calls[0]?.known, undefined);
    assert.deepEqual([...calls[1]?.known?.metrics ?? []], [3, NaN, NaN]);
    assert.deepEqual(told.map(({ kind }) => kind), ['frame', 'cells', 'step', 'cells']);
    assert.match(told.map((step) => (step.kind === 'step' ? step.what : '')).join(''), /^The engine ended; going on with the 2 cells that are missing$/);
    assert.equal(result, outcome);
  });

  test(`ends with the engine’s own sentence after ${MOST_RESUMES} more engines`, async () => {
    let engines = 0;
    await assert.rejects(run([() => {
      engines++;
      throw died();
    }]), { code: 'engine-died' });
    assert.equal(engines, 1 + MOST_RESUMES);
  });

  test('is not run again for any other reason', async () => {
    let engines = 0;
    await assert.rejects(run([() => {
      engines++;
      throw new CogscopeError('refused', 'No');
    }]), { code: 'refused' });
    assert.equal(engines, 1);
  });
});

suite('runs that are kept', () => {
  const note = (id: string, bytes = 10): RunNote => ({
    id, bytes, at: 0, model: 'file:///a.onnx', file: '1', source: null, key: 'k', title: 't', result: 'r', passed: 0, expected: 0, complete: true,
  });
  const most = { runs: 3, bytes: 100 };
  const ids = (notes: readonly RunNote[]): string => notes.map(({ id }) => id).join('');

  test('are the latest ones, as many as may be', () => {
    const { notes, gone } = withRun([note('c'), note('b'), note('a')], note('d'), most);
    assert.deepEqual([ids(notes), ids(gone)], ['dcb', 'a']);
  });

  test('are no larger than they may be together', () => {
    const { notes, gone } = withRun([note('b', 50), note('a', 40)], note('c', 20), most);
    assert.deepEqual([ids(notes), ids(gone)], ['cb', 'a']);
  });

  test('do not make way for one that alone is too large', () => {
    const { notes, gone } = withRun([note('a')], note('b', 101), most);
    assert.deepEqual([ids(notes), ids(gone)], ['a', 'b']);
  });

  test('come back bit for bit, and not at all where they are damaged', () => {
    const odd = { ...outcome, metrics: Float64Array.of(0.1 + 0.2, NaN, -0) };
    const json = JSON.stringify(outcomeToJson(odd));
    assert.deepEqual(outcomeFromJson(JSON.parse(json)), odd);
    for (const damaged of [null, 3, {}, { ...JSON.parse(json) as object, metrics: 'AAAA' }, { ...JSON.parse(json) as object, frame: null }]) assert.equal(outcomeFromJson(damaged), undefined);
  });
});

suite('a result in words', () => {
  test('names the strongest cell', () => {
    assert.equal(firstOf(outcome), 'L0H0 0.75 first of 3');
    assert.equal(firstOf({ ...outcome, unchanged: Uint8Array.of(1, 1, 1) }), 'no edit changed anything');
    assert.equal(firstOf({ ...outcome, metrics: Float64Array.of(NaN, NaN, NaN) }), 'no cell was run');
  });

  test('stands in a lens with what passed and when, and says when the file was changed since', () => {
    const note = { at: 0, result: 'L4H4 0.82 first of 32', passed: 3, expected: 3 };
    assert.equal(lastLens({ note, now: 150_000, same: true }), '$(pass) L4H4 0.82 first of 32; 3 of 3 expectations passed, 2 min ago');
    assert.equal(lastLens({ note: { ...note, passed: 0, expected: 1 }, now: 0, same: true }), '$(error) L4H4 0.82 first of 32; 0 of 1 expectation passed, just now');
    assert.equal(lastLens({ note: { ...note, passed: 0, expected: 0 }, now: 7_200_000, same: false }), '$(history) L4H4 0.82 first of 32, 2 hours ago, before it was changed');
    assert.equal(ago(-5), 'just now', 'a clock that was set back');
  });

  test('has a line a cell as text, with what it was measured against', () => {
    const text = resultText(experiment, outcome);
    assert.match(text, /^Activation patching of z by head, denoise\nmetric logit-difference\ndirection denoise\npairs 1\nclean 4\.0000\ncorrupted 0\.0000\nbaseline 0\.0000 \(the corrupted run\)\n\n/);
    assert.match(text, /\nL0H0 +3\.0000 +3\.0000 +0\.7500\nL0H1 +1\.0000 +1\.0000 +0\.2500\nL0H2 .*unchanged\n$/);
  });

  test('of one cell lies line by line beside the run that was edited', () => {
    const top = (text: string): { readonly position: number; readonly nan: boolean; readonly top: readonly { id: number; text: string; logit: number; probability: number }[] } =>
      ({ position: 1, nan: false, top: [{ id: 1, text, logit: 2, probability: 0.5 }] });
    const { title, before, after } = patchedTexts({
      experiment, frame, pair: 0,
      run: { address: 'L0H0', clean: top(' d'), corrupted: top(' e'), patched: top(' d'), change: { layers: 1, positions: 2, norms: Float32Array.of(0, 0.5) }, between: null, metric: 3, unchanged: false },
    });
    assert.equal(title, 'L0H0: corrupted run ↔ patched run');
    const [left, right] = [before.split('\n'), after.split('\n')];
    assert.equal(left.length, right.length);
    const differing = right.filter((line, index) => line !== left[index]);
    assert.deepEqual(differing.map((line) => line.trim().replace(/ +/g, ' ')), ['Patched run', 'logit-difference: 3', '1 " d" logit 2.000 50.0%', '1 "" 0.5']);
  });
});

suite('expectations in a file', () => {
  const text = JSON.stringify({
    cogscope: 1, model: 'a.onnx', kind: 'activation-patching', sites: ['z'], by: 'head', pairs: [{ clean: 'a', corrupted: 'b', target: 'c' }],
    expect: [{ metric: { atLeast: 1 }, address: 'L0H1', recovered: { atLeast: 0.5 } }, { top: 1, includes: ['L0H0'] }],
  }, null, 2);
  const json = JsonText.parse(text);

  test('have a place each, in the order in which they are read', () => {
    const reading = readExperiment(json.value);
    assert.equal(reading.kind, 'experiment');
    const places = expectationPlaces(json).map(({ own }) => text.slice(own.offset, own.offset + own.length).split('\n')[0]);
    assert.deepEqual(places, ['"recovered"', '"metric"', '{']);
    assert.deepEqual(reading.kind === 'experiment' ? reading.experiment.expect.map(expectationLabel) : [], ['L0H1: recovered at least 0.5', 'L0H1: metric at least 1', 'top 1: L0H0']);
  });

  test('have none in a file that is being typed', () => {
    for (const broken of ['', '{', '{"expect":', '{"expect": [', '{"expect": 3}', '{"expect": [3, null]}']) assert.deepEqual(expectationPlaces(JsonText.parse(broken)), [], broken);
  });

  test('say behind their line what came, and no more', () => {
    const short = judge(experiment.expect, { frame, values: outcome }).map(shortVerdict);
    assert.deepEqual(short, ['✗ got 0.25', '✓ top 1: L0H0 0.75']);
  });

  test('take addresses where they name cells', () => {
    const at = (needle: string): readonly string[] => json.placeAt(text.indexOf(needle) + 2).steps;
    assert.equal(takesAt(at('"L0H1"')), 'cells');
    assert.equal(takesAt(at('"L0H0"')), 'cells');
    assert.equal(takesAt(at('"a.onnx"')), undefined);
    assert.equal(takesAt(['receivers', '0']), 'receivers');
    assert.equal(takesAt(['steer', 'address']), 'tensors');
  });
});
