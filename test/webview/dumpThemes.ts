/**
 * Writes themes.json anew: what a real VS Code gives to every webview in each theme. Run by hand, when the editor in
 * test/vscode/harness is a newer one: `node test/webview/dumpThemes.ts`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorkbench, THEMES } from '../vscode/harness/workbench.ts';

/** An extension whose one command opens an empty webview. By its view the workbench knows that its command is there too. */
const manifest = {
  name: 'dump', publisher: 'cogscope-test', version: '0.0.1', engines: { vscode: '^1.100.0' }, main: './main.cjs', activationEvents: [],
  contributes: {
    commands: [{ command: 'dump.open', title: 'Open Empty Webview' }],
    viewsContainers: { activitybar: [{ id: 'dump', title: 'Dump', icon: '$(eye)' }] },
    views: { dump: [{ id: 'dump.view', name: 'Dump' }] },
  },
};
const main = `const { commands, window } = require('vscode');
exports.activate = () => commands.registerCommand('dump.open', () => {
  const panel = window.createWebviewPanel('dump', 'Empty', 1, { enableScripts: true });
  panel.webview.html = '<!DOCTYPE html><html lang="en"><body><p id="empty">Empty</p></body></html>';
});`;

interface Dumped {
  readonly defaults: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

const scratch = mkdtempSync(join(tmpdir(), 'cogscope-themes-'));
writeFileSync(join(scratch, 'package.json'), JSON.stringify(manifest));
writeFileSync(join(scratch, 'main.cjs'), main);
const workbench = await startWorkbench({ folder: scratch, extension: scratch });
try {
  await workbench.command('Open Empty Webview');
  const themes: Record<string, unknown> = {};
  let defaults = '';
  for (const theme of THEMES) {
    await workbench.setTheme(theme);
    const frame = await workbench.webview('#empty');
    const dumped = await frame.evaluate((): Dumped => {
      const { style } = document.documentElement;
      return {
        defaults: document.getElementById('_defaultStyles')?.textContent ?? '',
        attributes: Object.fromEntries([...document.body.attributes].map(({ name, value }) => [name, value] as const)),
        variables: Object.fromEntries(Array.from(style).filter((name) => name.startsWith('--')).map((name) => [name, style.getPropertyValue(name).trim()] as const)),
      };
    });
    defaults = dumped.defaults;
    themes[theme] = { attributes: dumped.attributes, variables: dumped.variables };
  }
  writeFileSync(join(import.meta.dirname, 'themes.json'), `${JSON.stringify({ defaults, themes }, undefined, 1)}\n`);
} finally {
  await workbench.close();
  rmSync(scratch, { recursive: true, force: true });
}
