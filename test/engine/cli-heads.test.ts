/** `cogscope heads`: the contract's document, the heads that the example is known for, and words for what is wrong. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Scratch } from '../lib/scratch.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { npyBytes } from './lib/npy.ts';

const scratch = new Scratch();
const induction = join(import.meta.dirname, '../../examples/induction/induction.onnx');
const stretch = 'cat milk door piano snow wolf';

interface HeadsJson {
  readonly protocol: { readonly text: string; readonly measure: string; readonly rows: number; readonly repeated: readonly { readonly seed: number; readonly period: number }[] | null };
  readonly scores: readonly ({ readonly address: string } & Readonly<Record<string, number | null>>)[];
}

const names = ['previousToken', 'duplicateToken', 'induction', 'currentToken', 'firstToken'];

/** Addresses of the heads with the highest scores. */
const best = ({ scores }: HeadsJson, name: string, count: number): readonly string[] =>
  [...scores].sort((a, b) => Number(b[name]) - Number(a[name])).slice(0, count).map(({ address }) => address).sort();

test('the document has the protocol, and each head under its address with a score for each pattern', async () => {
  const found = await json('heads', induction, '--rows', '4', '--seed', '3') as HeadsJson;
  assert.deepEqual([found.protocol.text, found.protocol.measure, found.protocol.rows, found.protocol.repeated?.[0]?.seed], ['repeated', 'rows', 4, 3]);
  assert.deepEqual(found.scores.map(({ address }) => address), [0, 1].flatMap((layer) => Array.from({ length: 8 }, (_, head) => `L${layer}H${head}`)));
  for (const head of found.scores) assert.deepEqual(Object.keys(head), ['address', ...names]);
  // examples/induction/README.md
  assert.deepEqual(best(found, 'previousToken', 2), ['L0H2', 'L0H5']);
  assert.deepEqual(best(found, 'induction', 4), ['L1H0', 'L1H1', 'L1H3', 'L1H7']);
});

test('as text, the best heads of each pattern', async () => {
  const { code, stdout, stderr } = await cogscope('heads', induction, '--prompt', `${stretch} ${stretch}`, '--top', '2');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^1 prompt: share of all attention/);
  assert.match(stdout, /previous token +L0H[25] 0\.\d{3}, L0H[25] 0\.\d{3}$/m);
  assert.match(stdout, /induction +L1H[0137] 0\.\d{3}, L1H[0137] 0\.\d{3}$/m);
  assert.ok(stdout.split('\n').every((line) => line.length <= 80), stdout);
});

test('a prompt in which nothing repeats has no score for induction, and says why', async () => {
  const { code, stdout, stderr } = await cogscope('heads', induction, '--prompt', stretch);
  assert.equal(code, 0);
  assert.match(stdout, /induction +not measured/);
  assert.match(stderr, /Induction is not measured: nothing stands behind a token that comes twice/);
  const { scores } = await json('heads', induction, '--prompt', stretch) as HeadsJson;
  assert.ok(scores.every((head) => head['induction'] === null && head['previousToken'] !== null));
});

test('a pattern from a file stands beside the others; one of another size is refused', async () => {
  const draw = (size: number): string => {
    // Everything to the token before, as previousToken has it.
    const values = Float32Array.from({ length: size * size }, (_, cell) => (Math.floor(cell / size) === (cell % size) + 1 ? 1 : 0));
    return scratch.write(`drawn${size}.npy`, npyBytes(values, { descr: '<f4', shape: [size, size] }));
  };
  const { scores } = await json('heads', induction, '--prompt', stretch, '--pattern', draw(7)) as HeadsJson;
  for (const head of scores) assert.equal(head[scratch.path('drawn7.npy')], head['previousToken'], head.address);
  const { code, stderr } = await cogscope('heads', induction, '--prompt', stretch, '--pattern', draw(5));
  assert.equal(code, 2);
  assert.match(stderr, /is 5 by 5, and the text has 7 tokens\. Draw a row and a column for each token/);
});

test('what makes no sense together is refused', async () => {
  for (const [args, says] of [
    [['--prompt', stretch, '--seed', '1'], /--seed, --rows and --period are for random tokens/],
    [['--measure', 'cosine'], /--measure takes rows, mul, abs, not "cosine"/],
    [['--period', '40'], /cannot have 40 tokens: this model takes 2 to 31 tokens/],
  ] as const) {
    const { code, stderr } = await cogscope('heads', induction, ...args);
    assert.equal(code, 2);
    assert.match(stderr, says);
  }
});
