/** Files that were exported for a fixed number of rows take any number, and give PyTorch's numbers for each row. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkAnatomy } from '../../src/engine/methods/check.ts';
import { runPrompt } from '../../src/engine/methods/run.ts';
import { makeTensor, toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import type { Value } from '../../src/engine/onnx/graph.ts';
import { stack, take } from '../../src/engine/program/tensors.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import { maxAbs } from './fixtures.ts';
import { cellGoldens, cellsFolder } from './lib/cells.ts';

const TOLERANCE = 5e-5;
const signal = new AbortController().signal;

for (const architecture of ['gpt2', 'llama']) {
  for (const [exporter, frozen] of [['frozen', 1], ['frozen-two', 2]] as const) {
    test(`${architecture}, exported for ${frozen} x 11 tokens: one row, two and four at once, and stacked variants, are PyTorch's`, async () => {
      const session = await ModelSession.open(join(cellsFolder, architecture, `${exporter}.onnx`), null, { threads: 1, weightBudget: 1e9 });
      assert.equal(session.model.freedRows, frozen);
      const golden = cellGoldens(architecture);
      const expected = golden.get('logits');
      assert.ok(expected);
      const program = session.getProgram();
      assert.ok(program.shape.stackable);
      const inputs = (rows: readonly number[]): ReadonlyMap<Value, Tensor> => new Map(session.model.graph.inputs.map((input) => {
        const tensor = golden.get(`input.${input.name}`);
        assert.ok(tensor);
        const chosen = take(tensor, 0, rows);
        return [input, makeTensor(session.types.of(input).elemType, chosen.dims, Array.from(chosen.data, Number))];
      }));
      for (const rows of [[0], [1], [0, 1], [1, 0, 0, 1]]) {
        const { logits } = await program.run({ inputs: inputs(rows) });
        assert.ok(logits);
        assert.deepEqual(logits.dims, [rows.length, 11, 96]);
        const off = maxAbs(toFloat32(logits), toFloat32(take(expected, 0, rows)));
        assert.ok(off < TOLERANCE, `rows ${rows.join()} differ by ${off}`);
      }
      const at = program.shape.cuts[2];
      assert.ok(at);
      const state = (await program.run({ inputs: inputs([0]), taps: [at], logits: 'none' })).taps.get(at);
      assert.ok(state);
      const { logits } = await program.run({ inputs: inputs([0]), from: { cut: at, state: stack([state, state, state]), rows: 3 } });
      assert.ok(logits && maxAbs(toFloat32(logits), toFloat32(take(expected, 0, [0, 0, 0]))) < TOLERANCE, 'three variants at once');
      const report = await checkAnatomy(session, signal);
      assert.deepEqual([report.error, report.refused, report.checks.filter((check) => !check.ok)], [null, [], []]);
      assert.ok(report.checks.some((check) => check.name === 'chain = file, bit for bit'), 'with as many rows as the file takes');
      const short = runPrompt(session, { prompt: { kind: 'ids', ids: [1, 2, 3] }, patterns: true }, () => undefined, signal);
      await assert.rejects(short, (error) => error instanceof CogscopeError && /takes exactly 11 tokens, and the prompt has 3/.test(error.message));
      await session.close();
    });
  }
}
