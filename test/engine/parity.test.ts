/** Every activation that the anatomy points at is PyTorch's own, within TransformerLens's tolerance for float32. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf } from '../../src/engine/anatomy/addresses.ts';
import { toCanonical } from '../../src/engine/anatomy/canonical.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { fixtures, goldenInputs, goldens, maxAbs, openFixture } from './fixtures.ts';

const TOLERANCE = 5e-5;

for (const fixture of fixtures) {
  test(`${fixture.name}: logits and all activations equal PyTorch's`, async () => {
    const opened = await openFixture(fixture.path);
    const golden = goldens(fixture.meta.style);
    const program = opened.program();
    const places = placesOf(opened.anatomy);
    const inputs = goldenInputs(opened, fixture.meta.style);
    const [batch = 0, pos = 0] = golden.get('input.input_ids')?.dims ?? [];
    const output = await program.run({ inputs, taps: places.map((entry) => entry.place.value) });
    assert.ok(output.logits, 'the chain gives logits');
    const expectedLogits = golden.get('logits');
    assert.ok(expectedLogits);
    assert.ok(maxAbs(toFloat32(output.logits), toFloat32(expectedLogits)) < TOLERANCE, 'logits');

    const addresses = [...golden.keys()].filter((key) => key.startsWith('blocks.'));
    for (const address of addresses) {
      const entry = places.find((candidate) => candidate.address === address);
      assert.ok(entry, `the anatomy has ${address}`);
      const tensor = output.taps.get(entry.place.value);
      assert.ok(tensor, `the run gives ${address}`);
      const expected = golden.get(address);
      assert.ok(expected);
      const actual = toCanonical(toFloat32(tensor), tensor.dims, entry.place, entry.axes, { batch, pos });
      assert.deepEqual(actual.shape, expected.dims, `shape of ${address}`);
      const difference = maxAbs(actual.data, toFloat32(expected));
      assert.ok(difference < TOLERANCE, `${address} differs by ${difference}`);
    }
    const short = await program.run({ inputs: goldenInputs(opened, fixture.meta.style, 'short.') });
    const expectedShort = golden.get('short.logits');
    assert.ok(short.logits && expectedShort);
    assert.ok(maxAbs(toFloat32(short.logits), toFloat32(expectedShort)) < TOLERANCE, 'logits of another length');
    await program.release();
    await opened.model.close();
  });
}
