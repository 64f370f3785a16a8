/** The extension as it is installed, which is how `npm start` opens it in the server build; not as the development host loads it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { linkExtension } from '../harness/linkExtension.ts';
import { THEMES, startWorkbench } from '../harness/workbench.ts';
import { examples, inspectAndRunAtOnce, untilPainted, untilPredicts } from './support.ts';

suite('the extension as npm start installs it', () => {
  test('paints the heads of a prompt that is run at once after Open attention', async () => {
    const extensionsDir = mkdtempSync(join(tmpdir(), 'cogscope-extensions-'));
    linkExtension(extensionsDir);
    const bench = await startWorkbench({ folder: examples, extension: null, extensionsDir });
    try {
      const frame = await inspectAndRunAtOnce(bench, 'cat milk door piano snow wolf bread cat milk door');
      await untilPredicts(frame, 'piano');
      await untilPainted(frame, [0, 1]);
      for (const theme of THEMES) {
        await bench.setTheme(theme);
        await bench.screenshot(`vscode-installed-${theme.toLowerCase().replaceAll(' ', '-')}`);
      }
    } finally {
      await bench.close();
      rmSync(extensionsDir, { recursive: true, force: true });
    }
  });
});
