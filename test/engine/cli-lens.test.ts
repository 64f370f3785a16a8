/** `cogscope lens`: the example's story told layer by layer, sums that add up, and words for what is wrong. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Scratch } from '../lib/scratch.ts';
import { fixture } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { cellsFolder } from './lib/cells.ts';

const stories = join(import.meta.dirname, '../../examples/stories/stories.onnx');
const prompt = 'Lily and Ben went to the park. Ben gave a ball to';

interface Standing {
  readonly logit: number;
  readonly probability: number;
  readonly rank: number;
}

interface LensJson {
  readonly tokens: readonly { readonly text: string }[];
  readonly lens: readonly { readonly address: string; readonly positions: readonly { readonly position: number; readonly entropy: number; readonly top: readonly { readonly text: string; readonly probability: number }[]; readonly target?: Standing }[] }[];
  readonly attribution: { readonly weights: string; readonly logit: number; readonly remainder: number; readonly tolerance: number; readonly parts: readonly { readonly address: string; readonly value: number }[] } | null;
  readonly refused?: readonly { readonly what: string; readonly reason: string }[];
}

test('the document has every state at every position, and the parts of the logit difference', async () => {
  const found = await json('lens', stories, '--prompt', prompt, '--target', ' Lily', '--distractor', ' Ben', '--top', '3') as LensJson;
  assert.deepEqual(found.lens.map(({ address }) => address), [0, 1, 2, 3].map((layer) => `blocks.${layer}.hook_resid_pre`).concat('blocks.3.hook_resid_post'));
  for (const { positions } of found.lens) {
    assert.deepEqual(positions.map(({ position }) => position), found.tokens.map((_, position) => position));
    for (const { top, target } of positions) assert.ok(top.length === 3 && target);
  }
  const last = found.lens.at(-1)?.positions.at(-1);
  const { predictions } = await json('run', stories, '--prompt', prompt, '--top', '3') as { readonly predictions: readonly (readonly { readonly top: readonly { readonly text: string; readonly probability: number }[] }[])[] };
  const said = predictions[0]?.at(-1)?.top ?? [];
  assert.deepEqual(last?.top.map(({ text }) => text), said.map(({ text }) => text), 'the last state says what the model says');
  said.forEach(({ probability }, index) => assert.ok(Math.abs(probability - (last?.top[index]?.probability ?? NaN)) < 1e-5));
  const { attribution } = found;
  assert.ok(attribution);
  assert.equal(attribution.weights, 'raw');
  const sum = attribution.parts.reduce((all, { value }) => all + value, 0);
  assert.ok(Math.abs(sum + attribution.remainder - attribution.logit) < 1e-4, `${sum} + ${attribution.remainder} is ${attribution.logit}`);
  assert.ok(Math.abs(attribution.remainder) < attribution.tolerance);
});

test('several positions: each one as it is alone, and their mean', async () => {
  const asked = ['--prompt', prompt, '--target', ' Lily'];
  interface Several {
    readonly attribution: { readonly positions: readonly number[]; readonly logit: readonly number[]; readonly mean: { readonly logit: number; readonly remainder: number }; readonly tolerance: number; readonly parts: readonly { readonly address: string; readonly values: readonly number[]; readonly mean: number }[] };
  }
  const { attribution: several } = await json('lens', stories, ...asked, '--position', '3,-1') as Several;
  const alone = await Promise.all(several.positions.map(async (position) => (await json('lens', stories, ...asked, '--position', String(position)) as LensJson).attribution));
  assert.equal(several.positions[0], 3);
  for (const [index, { address, values, mean }] of several.parts.entries()) {
    alone.forEach((one, at) => assert.ok(Math.abs((one?.parts[index]?.value ?? NaN) - (values[at] ?? NaN)) < 1e-4, `${address} at ${several.positions[at] ?? ''}`));
    assert.ok(Math.abs(mean - ((values[0] ?? NaN) + (values[1] ?? NaN)) / 2) < 1e-6, address);
  }
  const sum = several.parts.reduce((all, { mean }) => all + mean, 0);
  assert.ok(Math.abs(sum + several.mean.remainder - several.mean.logit) < 1e-4, 'means add up');
  const { stdout, stderr } = await cogscope('lens', stories, ...asked, '--position', '3,-1');
  assert.match(stdout, /^ +@3 +@\d+ +mean$/m, stderr);
  assert.equal(stdout.match(/^Each state as/gm)?.length, 2, 'the lens stands at each of them');
  assert.ok(stdout.split('\n').every((line) => [...line].length <= 80), stdout);
});

test('as text, what each state would say and what speaks for the token', async () => {
  const { code, stdout, stderr } = await cogscope('lens', stories, '--prompt', prompt, '--target', ' Lily', '--top', '2');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Each state as the model would end there, at position \d+ \("·to"\)/);
  assert.match(stdout, /^ {2}L3\.resid_post +\d+\.\d\d +\d+ +[01]\.\d{4} {2}\S+ [01]\.\d\d, /m);
  assert.match(stdout, /raw\s+weights/);
  assert.match(stdout, /^ {2}L\dH\d +[+-]\d/m);
  assert.match(stdout, /^ {2}left over by rounding/m);
  assert.ok(stdout.split('\n').every((line) => [...line].length <= 80), stdout);
});

/** Words from the right, with marks of their own, and a picture of several characters; every other id is a word of its own. */
const WORDS = ['שָׁלוֹם', 'עולם', 'مَرْحَبًا', 'e\u0301te\u0301', '👨‍👩‍👧', 'ক্ষমা'];

function foreignTokenizer(): string {
  const vocab = Object.fromEntries(Array.from({ length: 96 }, (_, id) => [WORDS[id] ?? `w${id}`, id]));
  return new Scratch().write('tokenizer.json', JSON.stringify({
    version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: { type: 'WhitespaceSplit' }, post_processor: null, decoder: null, model: { type: 'WordLevel', vocab, unk_token: 'w95' },
  }));
}

test('text from the right and combined characters: tokens are whole, and one is named as a target', async () => {
  const tokenizer = foreignTokenizer();
  const { path } = fixture('gpt2-sdpa-20');
  const text = WORDS.join(' ');
  const asked = ['--prompt', text, '--tokenizer', tokenizer, '--target', WORDS[2] ?? ''];
  const found = await json('lens', path, ...asked, '--top', '96') as LensJson & { readonly target: { readonly id: number; readonly text: string } };
  assert.deepEqual(found.tokens.map((token) => token.text), WORDS);
  assert.deepEqual([found.target.id, found.target.text], [2, WORDS[2]]);
  const names = found.lens[0]?.positions[0]?.top.map((token) => token.text) ?? [];
  assert.deepEqual(WORDS.filter((word) => !names.includes(word)), [], 'each word is among the tokens of a state');
  const { code, stdout, stderr } = await cogscope('lens', path, ...asked);
  assert.equal(code, 0, stderr);
  // Kept apart, so that a word from the right does not change the order of the figures beside it.
  assert.ok(stdout.includes(`\u2066${WORDS[2] ?? ''}\u2069`), stdout);
  const { scores } = await json('heads', path, '--prompt', `${text} ${text}`, '--tokenizer', tokenizer) as { readonly scores: readonly Readonly<Record<string, number>>[] };
  assert.ok(scores.every(({ induction }) => Number.isFinite(induction)), 'words that come again are found');
});

test('where a logit is no sum, the states are shown and the reason is said', async () => {
  const path = join(cellsFolder, 'gemma2/torch-20.onnx');
  const { lens, attribution, refused } = await json('lens', path, '--ids', '1,2,3', '--target-id', '5') as LensJson;
  assert.ok(lens.length > 1);
  assert.equal(attribution, null);
  assert.match(refused?.[0]?.reason ?? '', /more than a norm and a matrix/);
});

test('what makes no sense is refused', async () => {
  for (const [args, code, says] of [
    [[], 2, /There is no prompt/], [['--ids', '1', '--ids', '2'], 2, /More than one prompt/], [['--ids', '5', '--distractor-id', '2'], 2, /no target/], [['--ids', '5', '--position', '1,1'], 2, /names a position twice/], [['--ids', '5', '--position', 'x'], 2, /--position takes a whole number/],
    [['--ids', '5', '--target', ' Lily', '--target-id', '3'], 2, /both given/], [['--prompt', prompt, '--target', ' Lily and Ben'], 2, /is 3 tokens/], [['--ids', '5', '--target-id', '3', '--position', '7'], 2, /no position 7/],
  ] as const) {
    const ended = await cogscope('lens', stories, ...args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, says);
  }
  const ended = await cogscope('lens', join(cellsFolder, 'bert/torch-20.onnx'), '--ids', '1,2');
  assert.equal(ended.code, 4, ended.stderr);
});
