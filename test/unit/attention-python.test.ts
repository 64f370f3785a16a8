/** A head in Python: the text that was proved against TransformerLens (training/attention/rerun_head.py), and Python that can be read whatever a prompt holds. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseShort } from '../../src/shared/addresses.ts';
import { writePatternPython } from '../../src/shared/attentionPython.ts';
import type { ShownHead } from '../../src/shared/attentionPython.ts';
import type { Prompt } from '../../src/shared/protocol/engineApi.ts';

const proved = join(import.meta.dirname, '../fixtures/attention');

function head(address: string): ShownHead['head'] {
  const short = parseShort(address);
  assert.ok(short?.kind === 'head', address);
  return short;
}

const cases: readonly (readonly [string, string, Prompt])[] = [
  ['gpt2-text.py', 'L2H1', { kind: 'text', text: 'w52 w51 w16 w63 w70 w12 w55 w18 w59', special: false }],
  ['gpt2-ids.py', 'L2H1', { kind: 'ids', ids: [52, 51, 16, 63, 70, 12, 55, 18, 59] }],
];

for (const [file, address, prompt] of cases) {
  test(`${file} is what was run and found equal to the pattern of the file`, () => {
    const text = writePatternPython({ model: 'torch-20.onnx', prompt, head: head(address) });
    assert.equal(text, readFileSync(join(proved, file), 'utf8'), 'run training/attention/rerun_head.py where the text is meant to change');
  });
}

test('any prompt and any file name are read back by Python as they are', (context) => {
  const texts = ['"""', '\\', "it's", 'a\nb\r\u2028\u0000', '日本 👩‍👩‍👧 ', 'שלום', '#{x}'];
  const code = texts.map((text) => writePatternPython({ model: 'a"""\nimport os #.onnx', prompt: { kind: 'text', text, special: true }, head: head('L0H0') }));
  const reader = 'import ast, json, sys\nfor text in json.load(sys.stdin):\n    body = ast.parse(text).body\n    print(json.dumps([len(body), [ast.literal_eval(n.value) for n in body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "PROMPT"]]))';
  const run = spawnSync('python3', ['-c', reader], { input: JSON.stringify(code), encoding: 'utf8' });
  if (run.error) return context.skip('there is no python3');
  const read = run.stdout.trim().split('\n').map((line) => JSON.parse(line) as unknown);
  assert.deepEqual(read, texts.map((text) => [11, [text]]), run.stderr);
});

test('a head that TransformerLens has no name for is refused', () => {
  for (const address of ['dec.L0H1', 'dec.L0X1']) {
    assert.throws(() => writePatternPython({ model: 'm.onnx', prompt: { kind: 'ids', ids: [1] }, head: head(address) }), /no counterpart in TransformerLens/, address);
  }
});
