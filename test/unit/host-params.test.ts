import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Check } from '../../src/host/panels/check.ts';
import { attentionParams, lensParams, neuronParams, overviewParams, patchingParams } from '../../src/host/panels/params.ts';
import { checked } from '../../src/host/panels/webviewLink.ts';
import { CogscopeError } from '../../src/shared/errors.ts';

type Table = Readonly<Record<string, Check<unknown>>>;

const attention = attentionParams as unknown as Table;
const lens = lensParams as unknown as Table;
const neurons = neuronParams as unknown as Table;
const overview = overviewParams as unknown as Table;
const patching = patchingParams as unknown as Table;

const prompt = { kind: 'text', text: 'a', special: true };

const common = { model: '', pairs: [{ clean: 'a', corrupted: [1, 2], target: 3, distractor: ' b' }], metric: 'kl', position: -1, special: true, expect: [] };
const sweep = { ...common, kind: 'activation-patching', direction: 'denoise', sites: ['z', 'resid_pre'], by: 'head' };

const good: readonly (readonly [Table, string, unknown])[] = [
  [attention, 'ready', {}],
  [attention, 'tokenize', { prompt }],
  [attention, 'tokenize', { prompt: { kind: 'ids', ids: [1, 2] } }],
  [attention, 'run', { prompt, patterns: true }],
  [attention, 'run', { prompt, patterns: false, inputs: { attention_mask: [1, 1, Number.NaN] } }],
  [attention, 'run', { prompt, patterns: true, image: '3' }],
  [attention, 'chooseImage', {}],
  [attention, 'predictions', { run: 1, position: 0, top: 10 }],
  [attention, 'headScores', { text: { kind: 'repeated' }, patterns: [{ kind: 'induction' }, { kind: 'offset', offset: -2 }] }],
  [attention, 'headScores', { text: { kind: 'run', run: 3 }, patterns: [{ kind: 'drawn', name: 'drawn by hand', size: 2, values: Float32Array.of(0, 0, 1, 0), tower: '' }] }],
  [lens, 'lens', { prompt, target: ' Ben', distractor: 12, top: 10, mid: true }],
  [lens, 'lens', { prompt, target: null, distractor: null, positions: [0, -1] }],
  [lens, 'attribution', { prompt, target: 7, distractor: null, positions: [3] }],
  [lens, 'remember', { prompt }],
  [attention, 'patternTile', { run: 1, tower: 'enc.', attention: 'cross', layer: 0, head: 0, row: 0, rows: 5, col: 0, cols: 5 }],
  [attention, 'attentionTile', { run: 1, tower: '', attention: 'self', layer: 0, head: 0, row: 0, rows: 5, col: 0, cols: 5, view: 'effect', target: ' park' }],
  [attention, 'headOutputs', { run: 1, target: null }],
  [attention, 'headOutputs', { run: 1, target: 7 }],
  [attention, 'headWrites', { run: 1, tower: '', attention: 'self', layer: 0, head: 0, position: 3, top: 5, source: { position: 1, reads: 'embedding' } }],
  [attention, 'remember', { prompt, address: null }],
  [attention, 'show', { prompt, view: null, writes: null, edited: false }],
  [attention, 'show', { prompt, view: { kind: 'difference', second: prompt, columns: [[0, 0], [-1, 1]] }, writes: { kind: 'writes', position: -1, source: 2, reads: 'state' }, edited: true }],
  [attention, 'show', { prompt, view: { kind: 'headScores', pattern: { kind: 'offset', offset: -2 }, text: { kind: 'repeated', rows: 10, seed: 0, period: 50, start: [1], end: [], length: 101, pool: [[2, 95]] } }, writes: null, edited: false }],
  [lens, 'show', { prompt, view: { kind: 'lens', mid: true, target: ' a', distractor: 3, positions: [0, -1] }, writes: null, edited: false }],
  [attention, 'remember', { prompt, address: 'L0H1' }],
  [attention, 'copy', { text: 'L0H1' }],
  [attention, 'save', { name: 'a.csv', content: '' }],
  [attention, 'openSource', { source: { file: 'model.py', line: 3, code: 'x = y' } }],
  [attention, 'command', { name: 'restartEngine' }],
  [patching, 'tokenize', { prompt }],
  [patching, 'tokenize', { prompt, tower: 'dec' }],
  [patching, 'experiment', { experiment: sweep, resume: true }],
  [patching, 'remember', { experiment: { ...common, kind: 'steering', address: 'blocks.0.hook_resid_post', direction: { from: 'clean - corrupted', position: 'mean' }, scales: [1] } }],
  [patching, 'remember', { experiment: { ...common, kind: 'steering', address: 'blocks.0.hook_resid_post', direction: { from: 'corrupted - clean', position: -2 }, scales: [1] } }],
  [patching, 'chooseDirection', {}],
  [patching, 'remember', { experiment: { ...common, kind: 'path-patching', direction: 'noise', senders: [], receivers: ['logits'], mlps: 'recomputed' } }],
  [patching, 'experiment', { experiment: { ...sweep, layers: [0, 1], expect: [{ kind: 'cell', address: 'L0H1', field: 'effect', atMost: 0 }, { kind: 'top', top: 2, includes: ['L0H1'] }] }, resume: false }],
  [patching, 'remember', { experiment: { ...common, pairs: [{ clean: '' }], kind: 'causal-tracing', sites: ['mlp_out'], sigma: 3, samples: 10, seed: 0, subject: 'Ben', window: 10 } }],
  [patching, 'remember', { experiment: { ...common, kind: 'ablation', ablate: 'mean', together: ['L0H1'], seed: 1, sites: ['z'], by: 'head' } }],
  [patching, 'remember', { experiment: { ...common, kind: 'path-patching', direction: 'noise', senders: [], receivers: ['logits'] } }],
  [patching, 'remember', { experiment: { ...common, kind: 'steering', address: 'blocks.0.hook_resid_post', direction: '/d.npy', scales: [-1, 1] } }],
  [patching, 'remember', { experiment: { ...sweep, pairs: [{ clean: 'a', prompts: { dec: { clean: [1], corrupted: 'b' } } }] } }],
  [patching, 'patchedRun', { experiment: sweep, pair: 0, address: 'L0H1' }],
  [patching, 'showCode', { experiment: sweep, language: 'python' }],
  [patching, 'compareHistory', { a: '1', b: '2' }],
  [neurons, 'similar', { address: 'L2N7' }],
  [overview, 'check', {}],
  [overview, 'addresses', {}],
  [overview, 'openAttention', { address: null }],
];

const bad: readonly (readonly [Table, string, unknown, RegExp])[] = [
  [attention, 'tokenize', undefined, /an object as tokenize/],
  [attention, 'tokenize', [], /an object as tokenize/],
  [attention, 'tokenize', { prompt: { kind: 'image' } }, /one of text, ids as tokenize\.prompt\.kind/],
  [attention, 'tokenize', { prompt: { kind: '__proto__' } }, /tokenize\.prompt\.kind/],
  [attention, 'tokenize', { prompt: { kind: 'text', text: 3, special: true } }, /tokenize\.prompt\.text/],
  [attention, 'tokenize', { prompt: { kind: 'text', text: 'x'.repeat(2 ** 20 + 1), special: true } }, /at most 1048576 characters/],
  [attention, 'tokenize', { prompt: { kind: 'ids', ids: [1, '2'] } }, /a number as tokenize\.prompt\.ids\[1\]/],
  [attention, 'headOutputs', { run: 1, target: -1 }, /headOutputs\.target/],
  [attention, 'headWrites', { run: 1, tower: '', attention: 'self', layer: 0, head: 0, position: 3, top: 5, source: { position: 1, reads: 'all' } }, /headWrites\.source\.reads/],
  [attention, 'run', { prompt, patterns: 'yes' }, /true or false as run\.patterns/],
  [attention, 'run', { prompt, patterns: true, inputs: [1] }, /run\.inputs/],
  [attention, 'run', { prompt, patterns: true, image: { path: '/etc/passwd' } }, /run\.image/],
  [attention, 'predictions', { run: 1.5, position: 0, top: 10 }, /predictions\.run/],
  [attention, 'predictions', { run: 1, position: -1, top: 10 }, /predictions\.position/],
  [attention, 'predictions', { run: 1, position: 0, top: 1e9 }, /from 1 to 1000 as predictions\.top/],
  [attention, 'headScores', { text: { kind: 'repeated' }, patterns: [{ kind: 'guessing' }] }, /headScores\.patterns\[0\]\.kind/],
  [attention, 'headScores', { text: { kind: 'run', run: 1 }, patterns: [{ kind: 'drawn', name: 'x', size: 1, values: [1] }] }, /at most \d+ numbers as headScores\.patterns\[0\]\.values/],
  [attention, 'headScores', { text: { kind: 'run' }, patterns: [] }, /headScores\.text\.run/],
  [lens, 'lens', { prompt, top: 1000 }, /from 1 to 100 as lens\.top/],
  [lens, 'attribution', { prompt }, /attribution\.target/],
  [lens, 'attribution', { prompt, target: -1 }, /attribution\.target/],
  [attention, 'command', { name: 'workbench.action.quit' }, /one of openAttention, /],
  [attention, 'command', { name: 'toString' }, /command\.name/],
  [attention, 'remember', { prompt: null, address: null }, /remember\.prompt/],
  [patching, 'experiment', { experiment: { ...sweep, kind: 'guessing' }, resume: true }, /experiment\.experiment\.kind/],
  [patching, 'experiment', { experiment: { ...sweep, sites: ['everything'] }, resume: true }, /experiment\.experiment\.sites\[0\]/],
  [patching, 'experiment', { experiment: { ...sweep, pairs: [{ clean: 1 }] }, resume: true }, /pairs\[0\]\.clean/],
  [patching, 'experiment', { experiment: { ...sweep, pairs: [{ clean: [0.5] }] }, resume: true }, /pairs\[0\]\.clean\[0\]/],
  [patching, 'experiment', { experiment: { ...sweep, pairs: [{ clean: 'a', prompts: { dec: 'b' } }] }, resume: true }, /pairs\[0\]\.prompts\.dec/],
  [patching, 'experiment', { experiment: sweep }, /true or false as experiment\.resume/],
  [patching, 'patchedRun', { experiment: sweep, pair: -1, address: 'L0H1' }, /patchedRun\.pair/],
  [patching, 'showCode', { experiment: sweep, language: 'sh' }, /one of json, python/],
  [neurons, 'similar', { address: 7 }, /similar\.address/],
  [overview, 'openAttention', { address: { path: '/' } }, /openAttention\.address/],
];

suite('what a panel sends', () => {
  for (const [table, method, params] of good) {
    test(`is taken as it is: ${method} ${JSON.stringify(params)}`, () => assert.deepEqual(table[method]?.(params, method), params));
  }

  for (const [table, method, params, expected] of bad) {
    test(`is refused: ${method} ${JSON.stringify(params)?.slice(0, 80)}`, () => {
      assert.throws(() => table[method]?.(params, method), (error) => error instanceof CogscopeError && error.code === 'internal' && expected.test(error.message));
    });
  }

  test('loses what was not asked for', () => {
    assert.deepEqual(attention['copy']?.({ text: 'a', also: 1 }, 'copy'), { text: 'a' });
    assert.deepEqual(attention['run']?.({ prompt: { ...prompt, also: 1 }, patterns: true, inputs: undefined }, 'run'), { prompt, patterns: true });
  });

  test('does not reach a handler when it is refused', () => {
    let calls = 0;
    const { twice } = checked<{ twice(params: { readonly n: number }): Promise<number> }>(
      { twice: ({ n }) => (calls++, 2 * n) },
      { twice: (value, at) => ({ n: (attentionParams.predictions({ run: 0, position: 0, top: value }, at)).top }) },
    );
    const context = { signal: new AbortController().signal, progress: () => undefined };
    assert.throws(() => twice('1' as never, context), CogscopeError);
    assert.equal(calls, 0);
  });
});
