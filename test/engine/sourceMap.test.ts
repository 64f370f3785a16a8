/** The record of the examples, against their own model.py: every line that is named reads as recorded, and made what it says it makes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { placesOf } from '../../src/engine/anatomy/addresses.ts';
import { frameReader } from '../../src/engine/anatomy/source.ts';
import { sourceMapOf } from '../../src/engine/anatomy/sourceMap.ts';
import type { MadeLine, SourceMap } from '../../src/shared/sourceMap.ts';
import { fixtureFolder, openFixture } from './fixtures.ts';

const examples = join(import.meta.dirname, '../../examples');

async function mapOf(path: string): Promise<SourceMap> {
  const { model, types, anatomy } = await openFixture(path);
  try {
    return sourceMapOf({ graph: model.graph, types, anatomy, addresses: placesOf(anatomy), frames: frameReader(model.records) });
  } finally {
    await model.close();
  }
}

/** "0,1 attn.hook_pattern [batch, 8, pos, pos]" */
const made = (line: MadeLine | undefined): readonly string[] => (line?.made ?? []).map(({ layers, hook, shape }) => `${layers.join()} ${hook} [${shape.join(', ')}]`);

suite('the lines of an example', () => {
  for (const name of ['induction', 'stories']) {
    test(`${name}: read in model.py as they were recorded`, async () => {
      const text = readFileSync(join(examples, name, 'model.py'), 'utf8').split('\n');
      const lines = (await mapOf(join(examples, name, `${name}.onnx`))).lines.filter(({ file }) => file === 'model.py');
      assert.ok(lines.length > 5, `only ${lines.length} lines are recorded`);
      for (const { line, code } of lines) assert.equal(text[line - 1]?.trim(), code, `line ${line}`);
    });
  }

  test('made what their code says, each layer in its turn of the loop', async () => {
    const { lines } = await mapOf(join(examples, 'stories/stories.onnx'));
    const at = (code: string): MadeLine | undefined => lines.find((line) => line.code.startsWith(code));
    assert.deepEqual(made(at('query, key, value')), ['q', 'k', 'v'].map((one) => `0,1,2,3 attn.hook_${one} [batch, pos, 8, 32]`));
    assert.deepEqual(made(at('scores =')), ['0,1,2,3 null [batch, 8, pos, pos]']);
    assert.deepEqual(made(at('pattern =')), ['attn_scores', 'pattern'].map((one) => `0,1,2,3 attn.hook_${one} [batch, 8, pos, pos]`));
    assert.deepEqual(made(at('return self.down')), ['0,1,2,3 mlp.hook_pre [batch, pos, 1024]', '0,1,2,3 mlp.hook_post [batch, pos, 1024]', '0,1,2,3 hook_mlp_out [batch, pos, 256]']);
    assert.deepEqual(made(at('mask =')), [' null [pos, pos]']);
    const calls = lines.flatMap((line) => line.calls.map(({ part, layers }) => [line.code, part, layers.join()]));
    assert.deepEqual(calls, [
      ['x = x + self.attention(self.attention_norm(x), mask)', 'attention', '0,1,2,3'], ['return x + self.mlp(self.mlp_norm(x))', 'mlp', '0,1,2,3'], ['x = block(x, mask)', 'block', '0,1,2,3'],
    ]);
  });

  test('count every node that has a record', async () => {
    const { lines } = await mapOf(join(examples, 'stories/stories.onnx'));
    assert.equal(lines.reduce((sum, { nodes }) => sum + nodes, 0), 135);
  });
});

test('a model whose nodes carry no record has no lines', async () => {
  assert.deepEqual(await mapOf(join(fixtureFolder, 'cells/gpt2/torchscript.onnx')), { lines: [], modules: [] });
});

test('a model of the exporter of TorchScript has no lines, and names its modules', async () => {
  const { lines, modules } = await mapOf(join(fixtureFolder, 'named/torchscript.onnx'));
  assert.deepEqual(lines, []);
  assert.deepEqual(modules.map(({ part, path, layers }) => [part, path, layers.join()]), [['block', 'blocks.*', '0,1'], ['attention', 'blocks.*.attention', '0,1'], ['mlp', 'blocks.*.mlp', '0,1']]);
});
