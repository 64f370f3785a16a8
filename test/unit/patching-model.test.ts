/** The patching panel's arithmetic and words: forms and experiments, alignment, pictures, scales, cursors. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Experiment } from '../../src/shared/experiment/experiment.ts';
import { noCells, NOT_RUN as CELL_NOT_RUN } from '../../src/shared/experiment/result.ts';
import type { Axis, CellValues, ExperimentFrame, Grid } from '../../src/shared/experiment/result.ts';
import type { TokenInfo } from '../../src/shared/protocol/engineApi.ts';
import { ABSENT, divergingLevel, divergingPalette, NOT_RUN, UNCHANGED, ZERO } from '../../webview/lib/color/diverging.ts';
import { NAN_LEVEL } from '../../webview/lib/color/levels.ts';
import { toOklab } from '../../webview/lib/color/oklab.ts';
import type { Rgb } from '../../webview/lib/color/oklab.ts';
import { mapsSize } from '../../webview/patching/geometry/maps.ts';
import { align, partingOf } from '../../webview/patching/model/align.ts';
import { fieldOf } from '../../webview/patching/model/field.ts';
import { emptyForm, experimentOf, formOf } from '../../webview/patching/model/form.ts';
import { keep, readKept } from '../../webview/patching/model/kept.ts';
import { limitOf, measureOf } from '../../webview/patching/model/measure.ts';
import { picturesOf, placeOf } from '../../webview/patching/model/pictures.ts';
import { lengthWords, samenessWords } from '../../webview/patching/model/problems.ts';
import { arrange } from '../../webview/patching/model/rows.ts';
import { initialState } from '../../webview/patching/model/state.ts';
import type { Run } from '../../webview/patching/model/state.ts';
import { afterSteps, filled, framed } from '../../webview/patching/model/values.ts';
import { cellWords, progressWords } from '../../webview/patching/model/words.ts';
import { headOf } from '../../webview/patching/views/context.ts';
import { stepMap } from '../../webview/patching/views/mapKeys.ts';

const token = (text: string, id = text.length * 31 + text.charCodeAt(0)): TokenInfo => ({ id, text, start: 0, end: 0, special: false, approximate: false });
const tokens = (text: string): readonly TokenInfo[] => text.split(' ').map((word) => token(word));
const common = { model: '', metric: 'logit-difference', position: -1, special: true, expect: [] } as const;
const pairs = [{ clean: 'a b', corrupted: 'a c', target: ' d', distractor: ' e' }];

const experiments: readonly Experiment[] = [
  { ...common, pairs, kind: 'activation-patching', direction: 'noise', sites: ['z', 'q'], by: 'head-position', layers: [0, 2] },
  { ...common, pairs: [{ clean: [1, 2], corrupted: [1, 3], target: 4 }], kind: 'activation-patching', direction: 'denoise', sites: ['resid_pre'], by: 'position' },
  { ...common, pairs: [{ clean: 'a b', target: 7 }], kind: 'ablation', ablate: 'mean', sites: ['mlp_post'], by: 'neuron', together: ['L0H1', 'L1H2'], seed: 3 },
  { ...common, metric: 'probability', pairs: [{ clean: 'a b', target: ' d' }], kind: 'causal-tracing', sites: ['resid_post', 'mlp_out'], sigma: 2.5, samples: 12, seed: 1, subject: 'a', window: 4 },
  { ...common, metric: 'probability', pairs: [{ clean: 'a b', target: ' d', subject: 'a' }, { clean: 'c b', target: ' d', subject: 'c' }], kind: 'causal-tracing', sites: ['attn_out'], sigma: 3, samples: 10, seed: 0, subject: '', window: 10 },
  { ...common, pairs, kind: 'path-patching', direction: 'denoise', senders: ['L0H1', 'L0.mlp_out'], receivers: ['L1H3.q'] },
  { ...common, pairs, kind: 'path-patching', direction: 'noise', senders: [], receivers: ['logits'], mlps: 'recomputed' },
  { ...common, metric: 'kl', pairs: [{ clean: 'a b' }], kind: 'steering', address: 'blocks.1.hook_resid_post', direction: '/d.npy', scales: [-4, 0.5, 4] },
  { ...common, pairs, kind: 'steering', address: 'blocks.1.hook_resid_post', direction: { from: 'corrupted - clean', position: 'mean' }, scales: [1] },
  { ...common, pairs, kind: 'steering', address: 'blocks.1.hook_resid_post', direction: { from: 'clean - corrupted', position: -2 }, scales: [1] },
  { ...common, pairs: pairs.map((pair) => ({ ...pair, prompts: { dec: { clean: [1], corrupted: [2] } } })), kind: 'activation-patching', direction: 'noise', sites: ['pattern'], by: 'head-dest-src' },
  { ...common, metric: 'kl', pairs: [{ clean: [1, 2], prompts: { enc: { clean: 'a', corrupted: 'a' }, dec: { clean: [1, 3], corrupted: [1, 3] } } }], kind: 'ablation', ablate: 'zero', sites: ['z'], by: 'head', together: [], seed: 0 },
];

suite('the form', () => {
  for (const experiment of experiments) {
    test(`${experiment.kind}, ${experiment.pairs.length} pairs: what is read into it comes out of it again`, () => {
      assert.deepEqual(experimentOf(formOf(experiment), ''), experiment);
    });
  }

  test('a number that cannot be read gives no experiment, so that none is told to the host', () => {
    for (const change of [{ position: 'last' }, { layers: '1, x' }, { pairs: [{ ...emptyForm.pairs[0], ids: true, clean: '1, two' }] }]) {
      assert.equal(experimentOf({ ...emptyForm, ...change } as typeof emptyForm, ''), null, JSON.stringify(change));
    }
  });

  test('switching to another kind keeps what both do not share', () => {
    const [patching, , ablation] = experiments;
    assert.ok(patching && ablation);
    const form = formOf(ablation, formOf(patching));
    assert.deepEqual([form.direction, form.together], ['noise', 'L0H1, L1H2']);
  });

  test('what is kept for a reload is read with care', () => {
    const state = { ...initialState, form: formOf(experiments[0] as Experiment), cell: 3, measure: 'effect' as const, table: true };
    assert.deepEqual(readKept(JSON.parse(JSON.stringify(keep(state))) as never), keep(state));
    for (const form of [null, 3, {}, { ...emptyForm, pairs: [] }, { ...emptyForm, pairs: [{}] }, { ...emptyForm, pairs: [{ ...emptyForm.pairs[0], further: { dec: { ids: true, clean: 3, corrupted: '' } } }] }, { ...emptyForm, pairs: [{ ...emptyForm.pairs[0], further: { nose: { ids: true, clean: '', corrupted: '' } } }] }, { ...emptyForm, sites: 'z' }, { ...emptyForm, pairs: 'abc' }]) {
      assert.equal(readKept({ form }).form, undefined, JSON.stringify(form));
    }
    assert.deepEqual(readKept({ pair: 'x', cell: 1.5, measure: 'none', table: 'yes' }), { pair: 0, cell: null, inspecting: false, measure: null, table: false });
  });
});

suite('alignment', () => {
  test('goes by position, and names the position where prompts of other lengths part', () => {
    const [a, b] = [tokens('When Mary and John'), tokens('When Mary Ann and John')];
    assert.deepEqual(align(a, b).map(({ differs }) => differs), [false, false, true, true, true]);
    assert.equal(partingOf(a, b), 2);
    assert.equal(lengthWords(a, b), 'The clean prompt has 4 tokens and the corrupted one 5; they part at position 2, “and” against “Ann”. Give both as many tokens, so that each position has its counterpart.');
    assert.match(lengthWords(a, tokens('When Mary')), /they part at position 2, “and” against the end/);
  });

  test('says nothing of prompts that go together, and that equal ones change nothing', () => {
    assert.equal(lengthWords(tokens('a b'), tokens('a c')) + samenessWords(tokens('a b'), tokens('a c')), '');
    assert.match(samenessWords(tokens('a b'), tokens('a b')), /^Both prompts have the same tokens/);
  });
});

const axis = (name: Axis['name'], labels: readonly string[]): Axis => ({ name, labels });
const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(at));

/** Two layers of two heads by three positions. */
const byPosition: Grid = { site: 'z', rows: axis('head', ['L0H0', 'L0H1', 'L1H0', 'L1H1']), columns: axis('position', ['a', 'b', 'c']), first: 0 };
const heads: Grid = { site: 'z', rows: axis('layer', numbers(2)), columns: axis('head', numbers(3)), first: 0 };

const frameOf = (grids: readonly Grid[], change: Partial<ExperimentFrame> = {}): ExperimentFrame => ({
  kind: 'activation-patching', metric: 'logit-difference', direction: 'denoise', grids,
  addresses: grids.flatMap((grid) => grid.rows.labels.flatMap((row) => grid.columns.labels.map((col) => `${grid.site} ${row} ${col}`))),
  pairs: [{ clean: tokens('a b c'), corrupted: tokens('a d c'), target: null, distractor: null, position: 2, subject: [], cleanMetric: 4, corruptedMetric: 0 }],
  clean: 4, corrupted: 0, notes: [], ...change,
});
const asRun = (frame: ExperimentFrame, values: CellValues): Run =>
  ({ serial: 1, experiment: experiments[0] as Experiment, phase: 'done', passes: 1, ms: 10, ...filled(frame, values) });
const values = (metrics: readonly number[], unchanged: readonly number[] = metrics.map(() => 0)): CellValues => ({ metrics: Float64Array.from(metrics), unchanged: Uint8Array.from(unchanged) });

suite('pictures', () => {
  test('heads at positions make a picture a layer, and every cell is found in its own', () => {
    const pictures = picturesOf({ grids: [byPosition] });
    assert.deepEqual(pictures.map(({ title, first, rows }) => [title, first, rows.labels]), [['L0', 0, ['H0', 'H1']], ['L1', 6, ['H0', 'H1']]]);
    assert.deepEqual(placeOf(pictures, 10), { picture: 1, row: 1, col: 1 });
    assert.equal(placeOf(pictures, 12), undefined);
  });

  test('several sites are named by their sites', () => {
    assert.deepEqual(picturesOf({ grids: [heads, { ...heads, site: 'q', first: 6 }] }).map(({ title }) => title), ['z', 'q']);
  });

  test('arrow keys go from map to map, as they lie, and stop at the outer edges', () => {
    const pictures = picturesOf({ grids: [byPosition] });
    const beside = { pictures, groups: [{ first: 0, count: 2, perLine: 2 }] };
    const below = { pictures, groups: [{ first: 0, count: 2, perLine: 1 }] };
    const press = (key: string) => ({ key, ctrlKey: false, altKey: false, metaKey: false });
    assert.deepEqual(stepMap(press('ArrowRight'), { picture: 0, row: 1, col: 2 }, beside), { picture: 1, row: 1, col: 0 });
    assert.deepEqual(stepMap(press('ArrowLeft'), { picture: 1, row: 1, col: 0 }, beside), { picture: 0, row: 1, col: 2 });
    assert.deepEqual(stepMap(press('ArrowRight'), { picture: 0, row: 1, col: 2 }, below), { picture: 0, row: 1, col: 2 });
    assert.deepEqual(stepMap(press('ArrowDown'), { picture: 0, row: 1, col: 2 }, below), { picture: 1, row: 0, col: 2 });
    assert.deepEqual(stepMap(press('ArrowDown'), { picture: 1, row: 1, col: 0 }, below), { picture: 1, row: 1, col: 0 });
    assert.deepEqual(stepMap(press('ArrowUp'), null, below), { picture: 0, row: 0, col: 0 });
    assert.equal(stepMap({ ...press('ArrowDown'), ctrlKey: true }, null, below), null);
  });

  test('maps of a result stand beside each other where all fit so, with cells of one size', () => {
    const space = { width: 800, height: 300, maps: 12, rows: 12, cols: 15, devicePixelRatio: 1 };
    const size = mapsSize(space);
    assert.ok(size.perLine > 1, 'they stand one below the other');
    assert.ok(size.across.size * size.perLine + (size.perLine - 1) * 16 <= space.width, 'wider than the panel');
    assert.equal(size.across.size % 15, 0);
    assert.deepEqual(mapsSize({ ...space, maps: 1, rows: 2, cols: 8 }).across, { count: 8, size: 8 * 44 });
    assert.equal(mapsSize({ ...space, maps: 1, cols: 512 }).across.size, 512 * 3, 'cells that nobody can point at');
    assert.equal(mapsSize({ ...space, maps: 3, rows: 4, cols: 80 }).down.size, 4 * 14, 'rows without room for their labels, where there is room');
  });
});

suite('colours', () => {
  test('levels are symmetric about nothing, and marks are no levels', () => {
    for (const value of [0.1, 0.33, 0.5, 1, 2]) assert.equal(divergingLevel(value, 1) - ZERO, ZERO - divergingLevel(-value, 1), String(value));
    assert.equal(divergingLevel(0, 1), ZERO);
    const levels = new Set(Array.from({ length: 2001 }, (_, at) => divergingLevel(at / 1000 - 1, 1)));
    for (const mark of [ABSENT, NOT_RUN, UNCHANGED, NAN_LEVEL]) assert.ok(!levels.has(mark), `${mark} is a value's level too`);
  });

  test('both ends stand out alike, whatever the theme’s orange is', () => {
    const theme = { background: [31, 31, 31], foreground: [204, 204, 204], accent: [89, 164, 249], error: [241, 76, 76], below: [97, 50, 20], highContrast: false } as const;
    const { colours } = divergingPalette(theme);
    const [low, high] = [toOklab(colours[divergingLevel(-1, 1)] as Rgb), toOklab(colours[divergingLevel(1, 1)] as Rgb)];
    assert.ok(Math.abs(low[0] - high[0]) < 0.02, `lightness ${low[0]} against ${high[0]}`);
  });

  test('the end of the scale is a round number that holds the strongest, and stays while weaker cells come', () => {
    const run = (...metrics: number[]) => asRun(frameOf([heads]), values(metrics)).cells;
    assert.equal(limitOf(run(0.5, 0, 0, 0, 0, 1), 'metric'), 1);
    assert.equal(limitOf(run(-4.9, 3, 0, 0, 0, 1), 'metric'), 5);
    assert.equal(limitOf(run(4.04, 0, 0, 0, 0, 0), 'recovered'), 1, '1.01 is as good as all');
    assert.equal(limitOf(run(NaN, NaN, NaN, NaN, NaN, NaN), 'recovered'), 1);
  });

  test('a cell that was not run, one that nothing changed, NaN and a value are told apart', () => {
    const frame = { ...frameOf([heads]), addresses: ['a', 'b', 'c', 'd', 'e', ''] };
    const run = asRun(frame, values([2, 2, NaN, NaN, 0, NaN], [0, 1, CELL_NOT_RUN, 0, 0, CELL_NOT_RUN]));
    const [picture] = picturesOf(frame);
    assert.ok(picture);
    assert.deepEqual([...fieldOf(run, picture, { measure: 'recovered', limit: 1 }).levels], [divergingLevel(0.5, 1), UNCHANGED, NOT_RUN, NAN_LEVEL, ZERO, ABSENT]);
    assert.deepEqual([0, 1, 2, 3].map((index) => cellWords(run, index)), [
      'a · recovered 0.5 · effect 2 · logit difference 2', 'b · the edit changed no element', 'c · not run', 'd · NaN']);
  });
});

suite('a sweep in the making', () => {
  const frame = frameOf([heads]);
  const begun: Run = { ...framed(frame), serial: 1, experiment: experiments[0] as Experiment, phase: 'starting', passes: 0, ms: 0, values: noCells(0), cells: [] };
  const batch = (indices: readonly number[], metrics: readonly number[], done: number) =>
    ({ kind: 'cells', indices: Uint32Array.from(indices), metrics: Float64Array.from(metrics), unchanged: new Uint8Array(indices.length), done, of: 6 }) as const;

  test('cells appear where they will stay, and the values before are not touched', () => {
    const framedRun = afterSteps(begun, [{ kind: 'step', what: 'running the prompts' }, { kind: 'frame', frame }], 5);
    const first = afterSteps(framedRun, [batch([1, 4], [4, 2], 2)], 10);
    assert.deepEqual(first.cells.map((cell) => cell?.recovered), [NaN, 1, NaN, NaN, 0.5, NaN]);
    assert.ok(framedRun.values.metrics.every(Number.isNaN), 'the state before was changed');
    const second = afterSteps(first, [batch([0], [NaN], 3)], 20);
    assert.deepEqual([second.done, cellWords(second, 0), cellWords(second, 2)], [3, 'z 0 0 · NaN', 'z 0 2 · not run']);
    assert.equal(progressWords(second), '3 of 6 cells · 100 a second');
  });

  test('a step that comes behind cells is said until the next ones', () => {
    const run = afterSteps(afterSteps(begun, [{ kind: 'frame', frame }, batch([0], [1], 1)], 5), [{ kind: 'step', what: 'The engine ended; going on' }], 6);
    assert.match(progressWords(run), /^The engine ended; going on/);
    assert.match(progressWords(afterSteps(run, [batch([1], [1], 2)], 7)), /^2 of 6 cells/);
  });

  test('where clean and corrupted have one metric nothing is recovered, and raw values are shown', () => {
    const run = asRun(frameOf([heads], { corrupted: 4 }), values([4, 4, 5, 3, 4, 4]));
    assert.equal(measureOf({ run, measure: 'recovered' }), 'metric');
    assert.equal(measureOf({ run, measure: 'effect' }), 'effect');
  });

  test('the table goes by address, or by what is asked for, the strongest first and what has no value last', () => {
    const { cells } = asRun(frame, values([1, -3, NaN, 2, 0, 4], [0, 0, 0, 0, 1, 0]));
    assert.deepEqual([...arrange({ cells }, '', null)], [0, 1, 2, 3, 4, 5]);
    assert.deepEqual([...arrange({ cells }, '', { column: 'effect', descending: true })], [5, 1, 3, 0, 2, 4]);
    assert.deepEqual([...arrange({ cells }, 'Z 1', null)], [3, 4, 5]);
  });
});

test('the head that a cell lies in, with site, position and source or without; null for what lies in none', () => {
  const heads = [['L1H7', 'L1H7'], ['L0H2.z', 'L0H2'], ['L0H2@13', 'L0H2'], ['L3H11.pattern@13,4', 'L3H11'], ['dec.L0X3@2', 'dec.L0X3'], ['blocks.0.hook_resid_pre@3', null], ['L3N12', null]] as const;
  assert.deepEqual(heads.map(([address]) => headOf(address)), heads.map(([, head]) => head));
});
