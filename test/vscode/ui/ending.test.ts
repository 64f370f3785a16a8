import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startWorkbench, until } from '../harness/workbench.ts';
import { MODEL, examples, mark, overview, parentOf } from './support.ts';

suite('engines', { skip: process.platform === 'linux' ? false : 'processes are looked up in /proc' }, () => {
  test('go with the extension host, also where it is killed, and with the editor', async () => {
    const ours = mark();
    const none = (): Promise<true | undefined> => Promise.resolve(ours.engines().length === 0 ? true : undefined);
    const bench = await startWorkbench({ folder: examples, env: ours.env });
    try {
      await bench.explorerContextMenu(MODEL, 'Inspect Model');
      await overview(bench);
      const [pid] = ours.engines();
      assert.ok(pid !== undefined, 'there is no engine');
      process.kill(parentOf(pid), 'SIGKILL');
      await until('no engine after the extension host was killed', none);
      await bench.reload();
      await bench.explorerContextMenu(MODEL, 'Inspect Model');
      await until('an engine for the editor that was opened again', () => Promise.resolve(ours.engines().length === 1 ? true : undefined));
    } finally {
      await bench.close();
    }
    await until('no engine after the editor', none);
  });
});
