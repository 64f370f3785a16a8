/** The text that is typed in the panel of neurons, and when. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inTime } from '../lib/inTime.ts';
import { closeBrowser } from './harness.ts';
import { openNeurons } from './neuronPanel.ts';
import { holds, later } from './steps.ts';

after(closeBrowser);

test('a text that is typed before the host’s word comes is kept, run and told to the host', async () => {
  const gate = later();
  const panel = await openNeurons({
    address: 'L2N7',
    handlers: (real) => ({
      ready: async (params, context) => {
        await gate.promise;
        return { ...(await real.ready(params, context)), text: 'The dog' };
      },
    }),
  });
  const area = panel.page.locator('.live-area textarea');
  await area.fill('Lily and Ben');
  await panel.heard();
  gate.settle();
  await panel.page.locator('.live .token', { hasText: 'Ben' }).waitFor();
  await holds(area, 'Lily and Ben');
  await inTime(() => assert.deepEqual(panel.callsOf('remember').at(-1), { address: 'L2N7', text: 'Lily and Ben' }));
  assert.deepEqual(panel.problems, []);
  await panel.close();
});
