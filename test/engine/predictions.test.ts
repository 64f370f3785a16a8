/** Predictions of any position of a finished run are those of the untouched file, whenever they are asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { engineHandlers } from '../../src/engine/server.ts';
import { fixture } from './fixtures.ts';

const context = { signal: new AbortController().signal, progress: () => undefined };
const ids = [5, 17, 3, 90, 41, 8];

for (const name of ['gpt2-sdpa-20', 'llama-eager-18', 'attention-only-sdpa-20', 'bert-eager-20']) {
  test(`${name}: at every position, also while another run is under way`, async () => {
    const { path } = fixture(name);
    const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
    const { inputs } = await engine.open({ path, tokenizer: null }, context);
    const run = await engine.run({ prompt: { kind: 'ids', ids }, patterns: true }, context);

    const session = await OrtSession.create({ path }, { optimization: 'all', threads: 1 });
    const fillings: Readonly<Record<string, (index: number) => number>> = { ids: (index) => ids[index] ?? 0, mask: () => 1, types: () => 0 };
    const feeds = inputs.map((input) => [input.name, { type: 'int64' as const, dims: [1, ids.length], data: BigInt64Array.from(ids, (_, index) => BigInt(fillings[input.role]?.(index) ?? NaN)) }] as const);
    const logits = (await session.run(new Map(feeds), ['logits'])).get('logits');
    await session.release();
    assert.ok(logits);
    const vocab = logits.dims.at(-1) ?? 0;

    const other = engine.run({ prompt: { kind: 'ids', ids: [1, 2, 3] }, patterns: true }, context);
    const asked = ids.map((_, position) => engine.predictions({ run: run.run, position, top: 3 }, context));
    for (const [position, promised] of asked.entries()) {
      const predictions = await promised;
      const row = toFloat32(logits).subarray(position * vocab, (position + 1) * vocab);
      const best = [...row.entries()].sort((a, b) => b[1] - a[1]).slice(0, 3);
      assert.deepEqual(predictions?.top.map((one) => one.id), best.map(([id]) => id), `the three best at ${position}`);
      for (const [rank, [, logit]] of best.entries()) assert.ok(Math.abs((predictions?.top[rank]?.logit ?? NaN) - logit) < 2e-5, `logit ${rank} at ${position}`);
    }
    await other;
    assert.equal((await engine.predictions({ run: run.run, position: 99, top: 1 }, context))?.position, ids.length - 1, 'behind the end is the end');
    await engine.release({}, context);
  });
}
