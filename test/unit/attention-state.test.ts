/** The attention panel's state: runs and their ends, restarts, addresses, what is kept. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { LayerPatterns, Prompt, RunProgress, TokenInfo } from '../../src/shared/protocol/engineApi.ts';
import type { PanelModel } from '../../src/shared/protocol/panelApi.ts';
import type { Action } from '../../webview/attention/model/actions.ts';
import { allHeads, headAt, stepHead } from '../../webview/attention/model/heads.ts';
import { keep, readKept } from '../../webview/attention/model/kept.ts';
import { axesOf, headsOf, isStale, layerOf, layersInOrder, positionOf, predictedPosition, runTokens, shownTokens, sourceTokens, visibilityOf } from '../../webview/attention/model/read.ts';
import { reduce } from '../../webview/attention/model/reduce.ts';
import { initialState } from '../../webview/attention/model/state.ts';
import type { Head } from '../../webview/attention/model/heads.ts';
import type { State } from '../../webview/attention/model/state.ts';
import { summaryFixture } from './attention-summary.ts';
import type { Shape } from './attention-summary.ts';

const model = (change: Partial<PanelModel> = {}, shape: Shape = {}): PanelModel =>
  ({ title: 'model.onnx', uri: 'file:///model.onnx', state: { kind: 'open', summary: summaryFixture(shape) }, engine: { kind: 'ready' }, trusted: true, changed: false, checksItself: false, ...change });
const tokens = (count: number): readonly TokenInfo[] => Array.from({ length: count }, (_, id) => ({ id, text: `t${id}`, start: 0, end: 0, special: false, approximate: false }));
const layer = (index: number, tower = '', heads = 3): LayerPatterns =>
  ({ tower, attention: 'self', layer: index, heads, rows: 4, cols: 4, perRow: 4, cutoff: 0, keys: new Uint16Array(heads * 16), weights: new Float32Array(heads * 16), nanRows: new Uint32Array(0) });
const after = (state: State, ...actions: readonly Action[]): State => actions.reduce(reduce, state);
const died = new CogscopeError('engine-died', 'The engine ended').data;

const open = after(initialState, { kind: 'model', model: model() }, { kind: 'draft', change: { ids: '1, 2, 3, 4' } });
const asked: Action = { kind: 'asked', serial: 1, key: JSON.stringify([{ kind: 'ids', ids: [1, 2, 3, 4] }, {}]) };
const started: Action = { kind: 'progress', serial: 1, ms: 1, progress: { kind: 'started', run: 7, stages: 6, tokens: tokens(4), towers: { '': tokens(4) }, filled: [] } };
const made = (one: LayerPatterns): RunProgress => ({ kind: 'stage', run: 7, stage: one.layer + 2, stages: 6, ms: 1, layers: [one] });
const came = (index: number): Action => ({ kind: 'progress', serial: 1, ms: 2, progress: made(layer(index)) });
const ended: Action = { kind: 'ended', serial: 1, result: { run: 7, tokens: tokens(4), towers: { '': tokens(4) }, filled: [], predictions: null, nan: [], ms: { firstLayer: 1, run: 5 } } };
const running = after(open, asked, started);

suite('a run', () => {
  test('layers come one by one and are kept in the model’s order', () => {
    assert.deepEqual(layersInOrder(after(running, came(1), came(0))).map((one) => one.layer), [0, 1]);
  });

  test('a cancel keeps what came, and what comes after it is not taken', () => {
    const state = after(running, came(0), { kind: 'cancelled' }, came(1));
    assert.equal(state.run?.phase, 'cancelled');
    assert.deepEqual(layersInOrder(state).map((one) => one.layer), [0]);
  });

  test('answers of an earlier run change nothing', () => {
    const second = after(running, { ...asked, serial: 2 });
    assert.equal(after(second, came(0), ended, { kind: 'failed', serial: 1, error: died }), second);
  });

  test('the picture of the run before stays until the tokens of the new one are known', () => {
    const again = after(running, came(0), ended, { ...asked, serial: 2 });
    assert.equal(layersInOrder(again).length, 1);
    assert.equal(layersInOrder(after(again, { ...started, serial: 2 })).length, 0);
  });

  test('what is wrong with the prompt is said at the prompt, anything else is a failure of the run', () => {
    const usage = after(running, { kind: 'failed', serial: 1, error: new CogscopeError('usage', 'The prompt is too long').data });
    assert.ok(usage.problem && !usage.failure);
    const internal = after(running, { kind: 'failed', serial: 1, error: new CogscopeError('internal', 'Broken').data });
    assert.ok(internal.failure && !internal.problem);
  });

  test('nothing that was typed is lost by a failure', () => {
    for (const error of [died, new CogscopeError('usage', 'x').data, new CogscopeError('internal', 'x').data]) {
      assert.deepEqual(after(running, { kind: 'failed', serial: 1, error }).draft, running.draft);
    }
  });

  test('the chosen token is the last, until one is chosen; it stays for the same prompt and not for another', () => {
    const chosen = after(running, ended, { kind: 'choose', position: 1 });
    assert.equal(positionOf(after(running, ended)), 3);
    assert.equal(positionOf(after(chosen, { ...asked, serial: 2 })), 1);
    assert.equal(positionOf(after(chosen, { ...asked, serial: 2, key: 'another' })), 3);
  });

  test('a changed prompt is no longer what was run, and its own tokens are shown', () => {
    const done = after(running, ended);
    assert.ok(!isStale(done));
    const changed = after(done, { kind: 'draft', change: { ids: '1, 2' } }, { kind: 'typed', typed: { key: '', tokens: tokens(2), filled: [] } });
    assert.ok(isStale(changed));
    assert.equal(shownTokens(changed).length, 2);
    assert.ok(!isStale(after(changed, { kind: 'draft', change: { ids: '1, 2, 3, 4' } })));
  });
});

suite('the engine dies', () => {
  const restarting = model({ engine: { kind: 'restarting', attempt: 1, error: died } });
  const failedRun: Action = { kind: 'failed', serial: 1, error: died };

  test('during a run: it is to be made again once the engine is ready, whichever is heard first', () => {
    assert.equal(after(running, failedRun, { kind: 'model', model: restarting }).rerun, 'armed');
    assert.equal(after(running, { kind: 'model', model: restarting }, failedRun).rerun, 'armed');
  });

  test('before its end is heard of by the host, nothing is run', () => {
    assert.equal(after(running, failedRun).rerun, 'lost');
  });

  test('after a run: it is made again too, since the engine kept it', () => {
    assert.equal(after(running, ended, { kind: 'model', model: restarting }, { kind: 'model', model: model() }).rerun, 'armed');
  });

  test('without a run, nothing is run', () => {
    assert.equal(after(open, { kind: 'model', model: restarting }, { kind: 'model', model: model() }).rerun, 'no');
  });

  test('of a file that has been read anew is made again', () => {
    const changed = model({ changed: true });
    assert.equal(after(running, ended, { kind: 'model', model: changed }).rerun, 'no');
    assert.equal(after(running, ended, { kind: 'model', model: changed }, { kind: 'model', model: model({ engine: { kind: 'starting' } }) }, { kind: 'model', model: model() }).rerun, 'armed');
    assert.equal(after(open, { kind: 'model', model: changed }, { kind: 'model', model: model() }).rerun, 'no');
  });

  test('a new run settles it', () => {
    assert.equal(after(running, failedRun, { kind: 'model', model: restarting }, { ...asked, serial: 2 }).rerun, 'no');
  });
});

suite('addresses', () => {
  test('reveal opens the head, or says that it is none of this model', () => {
    const shown = after(open, { kind: 'reveal', address: 'L1H2' });
    assert.deepEqual([shown.place, shown.head], ['head', { tower: '', attention: 'self', layer: 1, head: 2 }]);
    for (const address of ['L1H3', 'L2H0', 'enc.L0H0', 'L0N5', 'nonsense']) {
      const missing = after(open, { kind: 'reveal', address });
      assert.equal(missing.missing, address);
      assert.equal(missing.head, null);
    }
  });

  test('an address that is asked for before the model is known is shown when it is', () => {
    const waiting = after(initialState, { kind: 'restored', kept: {}, prompt: null, address: 'L0H1' });
    assert.equal(waiting.head, null);
    assert.deepEqual(after(waiting, { kind: 'model', model: model() }).head, { tower: '', attention: 'self', layer: 0, head: 1 });
  });

  test('where heads are unknown until run, it waits for its layer', () => {
    const unknown = after(initialState, { kind: 'model', model: model({}, { heads: null }) }, { kind: 'reveal', address: 'L1H2' });
    assert.deepEqual([unknown.head, unknown.missing], [null, null]);
    assert.deepEqual(after(unknown, asked, started, came(1)).head, { tower: '', attention: 'self', layer: 1, head: 2 });
  });

  test('towers are told apart by name, though patterns carry the prefix with its dot', () => {
    const two = after(initialState, { kind: 'model', model: model({}, { towers: ['enc', 'dec'], heads: null }) }, asked, started,
      { kind: 'progress', serial: 1, ms: 1, progress: made(layer(0, 'dec.', 2)) });
    assert.deepEqual(headsOf(two), [{ tower: 'dec', attention: 'self', layer: 0, head: 0 }, { tower: 'dec', attention: 'self', layer: 0, head: 1 }]);
    assert.ok(headAt('dec.L0H1', headsOf(two)));
  });

  test('cross attention has heads of its own, whose columns are the other tower’s tokens', () => {
    const summary = summaryFixture({ towers: ['enc', 'dec'], cross: true });
    const two = after(initialState, { kind: 'model', model: { ...model(), state: { kind: 'open', summary } } }, asked,
      { ...started, progress: { ...started.progress, towers: { enc: tokens(4), dec: tokens(2) } } } as Action,
      { kind: 'progress', serial: 1, ms: 1, progress: made({ ...layer(1, 'dec.'), attention: 'cross', rows: 2 }) },
      { kind: 'reveal', address: 'dec.L1X2' });
    assert.deepEqual(two.head, { tower: 'dec', attention: 'cross', layer: 1, head: 2 });
    assert.deepEqual([runTokens(two).length, sourceTokens(two).length], [2, 4]);
    assert.equal(layerOf(two, { tower: 'dec', attention: 'self', layer: 1 }), undefined, 'the one is not taken for the other');
    assert.equal(visibilityOf(two, { tower: 'dec', attention: 'cross' }, { rows: 2, cols: 4 }).causal, false);
    const chosen = after(two, { kind: 'choose', position: 3, source: 3 });
    assert.deepEqual([chosen.position, chosen.source], [1, 3], 'each axis ends where its own tokens do');
    assert.equal(predictedPosition(after(two, { kind: 'select', head: { tower: 'enc', attention: 'self', layer: 0, head: 0 } }, { kind: 'choose', position: 3 })), 1, 'predictions are the decoder’s');
  });

  test('without tokens, the positions of a tower are counted', () => {
    const summary = summaryFixture({ towers: ['enc', 'dec'], cross: true });
    const sound = after(initialState, { kind: 'model', model: { ...model(), state: { kind: 'open', summary } } }, asked,
      { ...started, progress: { ...started.progress, towers: { dec: tokens(2) } } } as Action,
      { kind: 'progress', serial: 1, ms: 1, progress: made({ ...layer(0, 'dec.'), attention: 'cross', rows: 2, cols: 20 }) });
    const { dest, source } = axesOf(sound, { tower: 'dec', attention: 'cross' });
    assert.deepEqual([dest.map((one) => one.text), source.length, source[19]?.text], [['t0', 't1'], 20, '19']);
  });

  test('steps move among heads and stop at the ends', () => {
    const heads = allHeads(summaryFixture(), new Map());
    const at = (layerIndex: number, head: number): Head => ({ tower: '', attention: 'self', layer: layerIndex, head });
    const steps = [
      ['left', at(0, 0), at(0, 0)], ['right', at(0, 0), at(0, 1)], ['up', at(0, 1), at(0, 1)], ['down', at(0, 1), at(1, 1)], ['first', at(1, 2), at(1, 0)], ['last', at(1, 0), at(1, 2)],
      ['previous', at(1, 0), at(0, 2)], ['next', at(0, 2), at(1, 0)], ['next', at(1, 2), at(1, 2)], ['top', at(1, 1), at(0, 1)], ['bottom', at(0, 1), at(1, 1)],
    ] as const;
    for (const [step, from, to] of steps) assert.deepEqual(stepHead(heads, from, step), to, `${step} from L${from.layer}H${from.head}`);
  });
});

suite('what is kept', () => {
  const busy = after(running, ended, { kind: 'open', head: { tower: '', attention: 'self', layer: 1, head: 0 } }, { kind: 'choose', position: 2 }, { kind: 'scale', scale: 'linear' }, { kind: 'edit', input: 'attention_mask', values: [1, 0, 1, 1] });

  test('a reload brings everything back, and the run is to be made again', () => {
    const kept = readKept(JSON.parse(JSON.stringify(keep(busy))) as Readonly<Record<string, unknown>>);
    const back = after(initialState, { kind: 'restored', kept, prompt: null, address: 'L1H0' }, { kind: 'model', model: model() });
    for (const part of ['draft', 'edits', 'head', 'position', 'place', 'scale', 'table'] as const) assert.deepEqual(back[part], busy[part], part);
    assert.equal(back.rerun, 'armed');
  });

  test('a prompt of the host is later than what was kept, unless it is empty or what was kept cannot be told', () => {
    const draft = (text: string, ids: string, mode: 'text' | 'ids') => ({ mode, text, ids, decoder: '', special: true });
    const early = after(initialState, { kind: 'draft', change: { text: 'typed' } }, { kind: 'restored', kept: { draft: draft('kept', '', 'text'), ran: true }, prompt: { kind: 'text', text: 'told', special: true }, address: null });
    assert.deepEqual([early.draft.text, early.rerun], ['typed', 'no'], 'what was typed before the host’s word came is later, and run when that is asked for');
    const back = (kept: ReturnType<typeof draft>, prompt: Prompt) => after(initialState, { kind: 'restored', kept: { draft: kept }, prompt, address: null }).draft;
    const later = { kind: 'text', text: 'a b', special: false } as const;
    assert.deepEqual(back(draft('a', '1', 'ids'), later), { mode: 'text', text: 'a b', ids: '1', decoder: '', special: false });
    assert.deepEqual(back(draft('a', '', 'text'), { ...later, text: '' }), draft('a', '', 'text'));
    assert.deepEqual(back(draft('', '1, x', 'ids'), { kind: 'ids', ids: [1] }), draft('', '1, x', 'ids'));
  });

  test('a prompt of the host is taken where nothing was kept', () => {
    const back = after(initialState, { kind: 'restored', kept: readKept({}), prompt: { kind: 'ids', ids: [9] }, address: null });
    assert.deepEqual([back.draft.mode, back.draft.ids, back.rerun], ['ids', '9', 'armed']);
  });

  test('nothing is to be run where nothing was typed', () => {
    const back = after(initialState, { kind: 'restored', kept: {}, prompt: { kind: 'text', text: '', special: true }, address: null });
    assert.equal(back.rerun, 'no');
  });

  test('anything else is read as nothing', () => {
    for (const odd of [{}, { draft: 5 }, { draft: { text: 1, ids: '' } }, { edits: [1], position: 'x', scale: 'constructor', place: 3 }, { edits: { a: ['x'] } }]) {
      const kept = readKept(odd);
      assert.deepEqual({ draft: kept.draft, edits: kept.edits, position: kept.position, scale: kept.scale, place: kept.place }, { draft: undefined, edits: {}, position: null, scale: initialState.scale, place: 'grid' });
    }
  });

  test('without a tokenizer the prompt is ids, unless text was typed', () => {
    assert.equal(after(initialState, { kind: 'model', model: model() }).draft.mode, 'ids');
    assert.equal(after(initialState, { kind: 'model', model: model({}, { tokenizer: true }) }).draft.mode, 'text');
    assert.equal(after(initialState, { kind: 'draft', change: { text: 'Hello' } }, { kind: 'model', model: model() }).draft.mode, 'text');
    const early = after(initialState, { kind: 'draft', change: { text: '1, 2' } }, { kind: 'model', model: model() }).draft;
    assert.deepEqual([early.mode, early.text, early.ids], ['ids', '', '1, 2'], 'ids that were typed before that was known');
  });
});

suite('a set of prompts', () => {
  const averaged = (done: number): Action => ({ kind: 'averageCame', serial: 2, ms: 5, set: ['a', 'b', 'c'], progress: { kind: 'layer', done, layer: { patterns: layer(0), spread: new Float32Array(48).fill(done) } } });
  const frame: Action = { kind: 'averageCame', serial: 2, ms: 1, set: ['a', 'b', 'c'], progress: { kind: 'started', frame: { run: 9, tokens: tokens(4), towers: { '': tokens(4) }, of: 3, leftOut: [] } } };
  const own = after(running, ended);
  const averaging = after(own, { kind: 'average', on: true }, { kind: 'setTyped', change: { text: 'a\nb\n\nc' } }, { kind: 'averageAsked', serial: 2 }, frame);

  test('its mean stands in place of the prompt’s run, which is there again when it is asked for', () => {
    const done = after(averaging, averaged(1), averaged(3), { kind: 'averaged', serial: 2, ms: 9 });
    assert.deepEqual([done.run?.id, done.run?.phase, done.run?.mean?.prompts, done.run?.mean?.of], [9, 'done', 3, 3]);
    assert.equal(done.run?.mean?.spreads.size, 1);
    const prompt = after(done, { kind: 'averageShown', shown: 'prompt' });
    assert.equal(prompt.run, own.run);
    assert.equal(after(prompt, { kind: 'averageShown', shown: 'mean' }).run, done.run);
    assert.equal(after(done, { kind: 'average', on: false }).run, own.run);
  });

  test('a cancel keeps what came, takes what was averaged before it, and is no error', () => {
    const cancelled = after(averaging, averaged(1), { kind: 'averageFailed', serial: 2, error: new CogscopeError('cancelled', 'Cancelled').data });
    assert.deepEqual([cancelled.run?.phase, cancelled.run?.mean?.prompts, cancelled.average?.error], ['cancelled', 1, null]);
    const kept = after(cancelled, { kind: 'averageKept', serial: 2, prompts: 2, layers: [{ patterns: layer(0), spread: new Float32Array(48) }] }, averaged(3));
    assert.equal(kept.run?.mean?.prompts, 2, 'what comes after a cancel is not taken');
  });

  test('a run of the prompt ends it and takes its place; its own answers change nothing any more', () => {
    const again = after(averaging, averaged(1), { ...asked, serial: 3 });
    assert.deepEqual([again.run?.serial, again.average?.shown, again.average?.aside.run?.phase], [3, 'prompt', 'cancelled']);
    assert.equal(after(again, averaged(2)).run, again.run);
  });

  test('two prompts and a set close each other; the mean that there is not cannot be shown', () => {
    assert.equal(after(averaging, { kind: 'compare', on: true }).average, null);
    assert.equal(after(averaging, { kind: 'compare', on: true }).run, own.run);
    assert.equal(after(own, { kind: 'compare', on: true }, { kind: 'average', on: true }).compare, null);
    assert.equal(after(own, { kind: 'average', on: true }, { kind: 'averageShown', shown: 'mean' }).run, own.run);
  });

  test('is kept with its file, and averaged again where its mean was shown; what is too large or damaged is not', () => {
    const file = { name: 'p.txt', prompts: ['a', 'b'], unread: 1, beyond: 0 };
    const state = after(averaging, { kind: 'setTyped', change: { file } });
    const kept = readKept({ ...keep(state) });
    assert.deepEqual(kept.average, { text: 'a\nb\n\nc', file, shown: true });
    assert.equal(kept.ran, true, 'the prompt’s own run is made again too');
    assert.equal(after(initialState, { kind: 'restored', kept, prompt: null, address: null }).average?.asked, true);
    assert.equal(keep(after(averaging, { kind: 'setTyped', change: { text: 'x'.repeat(300_000) } })).average, undefined);
    assert.equal(readKept({ average: { text: 3 } }).average, undefined);
    assert.equal(readKept({ average: { text: 'a', file: { name: 'p', prompts: [3] } } }).average?.file, null);
  });
});
