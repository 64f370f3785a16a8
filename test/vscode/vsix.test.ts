import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { installExtension } from './harness/server.ts';
import { startWorkbench } from './harness/workbench.ts';
import { inspectAndRunAtOnce, untilPainted, untilPredicts } from './ui/support.ts';

const root = join(import.meta.dirname, '../..');
const target = `${process.platform}-${process.arch}`;
const MB = 1e6;

/** What may be in the package, and nothing else. */
const MEANT = [
  /^package(\.nls(\.[\w-]+)?)?\.json$/,
  /^(readme\.md|changelog\.md|LICENSE\.txt|LICENSE)$/i,
  /^\.vsixmanifest$/,
  /^dist\/(extension\.cjs|engine\.js|cli\.js)$/,
  /^dist\/(mozjpeg_dec\.wasm|NOTICES\.txt)$/,
  /^dist\/webview\/\w+\.(js|css)$/,
  /^media\//,
  /^dist\/experiment\.schema\.json$/,
  /^examples\//,
  /^node_modules\/onnxruntime-node\/(package\.json|dist\/[\w-]+\.js)$/,
  new RegExp(`^node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/`),
  /^node_modules\/onnxruntime-common\/(package\.json|dist\/(cjs|esm)\/[\w./-]+\.js|dist\/(cjs|esm)\/package\.json)$/,
];

const NEEDED = [
  'package.json',
  'LICENSE.txt',
  'dist/extension.cjs',
  'dist/engine.js',
  'dist/cli.js',
  'dist/mozjpeg_dec.wasm',
  'dist/experiment.schema.json',
  `node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`,
  'node_modules/onnxruntime-common/dist/cjs/index.js',
  // It says that these are CommonJS, which the package is not.
  'node_modules/onnxruntime-common/dist/cjs/package.json',
];

suite('the packaged extension', () => {
  const extensionsDir = mkdtempSync(join(tmpdir(), 'cogscope-extensions-'));
  let files: readonly string[] = [];
  let installed = '';

  before(async () => {
    execFileSync(process.execPath, [join(root, 'scripts/package.mjs')], { cwd: root });
    await installExtension(join(root, `out/cogscope-${target}.vsix`), extensionsDir);
    const folder = readdirSync(extensionsDir).find((name) => name.startsWith('cogscope.'));
    assert.ok(folder, `nothing of ours in ${readdirSync(extensionsDir).join(', ')}`);
    installed = join(extensionsDir, folder);
    files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(installed, file)).isFile());
  });
  after(() => rmSync(extensionsDir, { recursive: true, force: true }));

  test('holds what is meant and nothing else', () => {
    const strangers = files.filter((file) => !MEANT.some((pattern) => pattern.test(file)));
    assert.deepEqual(strangers, [], 'files that nobody meant to ship');
    assert.deepEqual(NEEDED.filter((file) => !files.includes(file)), [], 'files that are missing');
  });

  test('names each library that it is made with, with its licence', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly dependencies: Readonly<Record<string, string>> };
    const notices = readFileSync(join(installed, 'dist/NOTICES.txt'), 'utf8');
    const unnamed = Object.entries(dependencies).filter(([name, version]) => !notices.includes(`\n${name} ${version}, `));
    assert.deepEqual(unnamed, []);
    for (const part of ['fflate', 'D. R. Commander', 'Google Inc.', 'Microsoft Corporation']) assert.ok(notices.includes(part), part);
  });

  test('keeps to its budget', () => {
    const sizeOf = (pattern: RegExp): number => files.filter((file) => pattern.test(file)).reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
    const budgets: readonly (readonly [RegExp, number])[] = [
      [/^dist\/extension\.cjs$/, 0.5],
      [/^dist\/engine\.js$/, 1],
      [/^dist\/webview\//, 3],
      [/^media\//, 3],
      [/^examples\//, 20],
      [/^node_modules\/onnxruntime-common\//, 0.5],
    ];
    for (const [pattern, limit] of budgets) {
      const size = sizeOf(pattern) / MB;
      assert.ok(size <= limit, `${pattern.source} is ${size.toFixed(2)} MB, more than ${limit} MB`);
    }
    const package_ = statSync(join(root, `out/cogscope-${target}.vsix`)).size / MB;
    assert.ok(package_ < 45, `the package is ${package_.toFixed(1)} MB`);
  });

  test('is found by the editor that it was installed into, with its commands, and paints the heads of a prompt', async () => {
    const bench = await startWorkbench({ folder: join(root, 'examples'), extension: null, extensionsDir });
    try {
      await bench.page.locator('.activitybar').getByRole('tab', { name: 'Cogscope' }).waitFor();
      await bench.page.keyboard.press('F1');
      await bench.page.locator('.quick-input-widget input').first().fill('>Cogscope: Inspect Model');
      await bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'Cogscope: Inspect Model' }).first().click();
      // The quick pick over the workspace's models: the command has run, so the extension has been activated.
      await bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: '.onnx' }).first().waitFor();
      await bench.page.keyboard.press('Escape');
      const frame = await inspectAndRunAtOnce(bench, 'cat milk door piano snow wolf bread cat milk door');
      await untilPredicts(frame, 'piano');
      await untilPainted(frame, [0, 1]);
    } finally {
      await bench.close();
    }
  });
});
