/** The longest prompt that is told is the longest that the file takes, also where it leaves rows of its position table unused. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { idsInputs } from '../../src/engine/methods/prompt.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { prepareInputs } from '../../src/engine/program/inputs.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { cellsFolder } from './lib/cells.ts';

/** Each counts its positions in another way. */
const cells = [['gpt2', 'torch-20'], ['bert', 'torch-20'], ['roberta', 'torch-20'], ['roberta', 'torchscript'], ['mpnet', 'torch-20'], ['opt', 'torch-20'], ['bart', 'torch-20'], ['bart', 'torchscript']] as const;

for (const [architecture, exporter] of cells) {
  test(`${architecture} x ${exporter}: the untouched file runs as many tokens as the context holds, and not one more`, async () => {
    const path = join(cellsFolder, architecture, `${exporter}.onnx`);
    const session = await ModelSession.open(path, null, { threads: 1, weightBudget: 1e9 });
    const { model, types, anatomy } = session;
    const whole = await OrtSession.create({ path }, { optimization: 'basic', threads: 1 });
    const output = model.graph.outputs[0]?.name ?? '';
    for (const { name, tower } of idsInputs(session)) {
      const context = tower?.context;
      assert.ok(context, `tower "${name}" has a context`);
      const run = async (length: number): Promise<unknown> => {
        // 7 stands for no padding in any of them.
        const ids = new Map(idsInputs(session).map((one) => [one.name, Array.from({ length: one.name === name ? length : 3 }, () => 7)]));
        const { tensors } = prepareInputs(model, types, anatomy, ids, {});
        return await whole.run(new Map([...tensors].map(([value, tensor]) => [value.name, tensor])), [output]);
      };
      await run(context);
      await assert.rejects(run(context + 1), `tower "${name}" takes no more than ${context}`);
    }
    await whole.release();
    await session.close();
  });
}
