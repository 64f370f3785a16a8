import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { ESLint } from 'eslint';

const root = join(import.meta.dirname, '../..');

/** The rule alone, without type information: a snippet need not be a file of a project. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => ruleId === 'cogscope/rooms',
});

async function complaints(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, file) });
  assert.ok(result, `${file} was not linted`);
  return result.messages.map((message) => message.message);
}

const forbidden: readonly (readonly [file: string, code: string, culprit: string])[] = [
  ['src/shared/a.ts', "import 'node:fs';", "'node:fs'"],
  ['src/shared/a.ts', "export * from '../engine/onnx/graph.ts';", "'onnx'"],
  ['src/engine/onnx/a.ts', "import type { A } from '../anatomy/index.ts';", "'anatomy'"],
  ['src/engine/onnx/a.ts', "import { b } from '../program/index.ts';", "'program'"],
  ['src/engine/anatomy/a.ts', "import { b } from '../program/index.ts';", "'program'"],
  ['src/engine/program/a.ts', "import { b } from '../analysis/index.ts';", "'analysis'"],
  ['src/engine/program/a.ts', "import * as ort from 'onnxruntime-node';", "'onnxruntime-node'"],
  ['src/engine/main.ts', "const ort = await import('onnxruntime-node');", "'onnxruntime-node'"],
  ['src/engine/main.ts', "import * as vscode from 'vscode';", "'vscode'"],
  ['src/engine/main.ts', "export type A = import('vscode').Uri;", "'vscode'"],
  ['src/engine/main.ts', "import { run } from '../cli/run.ts';", "'cli'"],
  ['src/cli/a.ts', "import * as vscode from 'vscode';", "'vscode'"],
  ['src/host/a.ts', "import { b } from '../engine/main.ts';", "'engine'"],
  ['src/host/a.ts', "import { b } from '../../webview/lib/theme.ts';", "'webview'"],
  ['src/extension.ts', "import { b } from './engine/main.ts';", "'engine'"],
  ['webview/overview/a.ts', "import '@vscode/webview-ui-toolkit';", "'@vscode/webview-ui-toolkit'"],
  ['webview/overview/a.ts', "import { b } from '../../src/host/a.ts';", "'host'"],
  ['webview/overview/a.ts', "import { b } from '../../test/a.ts';", "'test'"],
  ['webview/overview/a.ts', "import { readFile } from 'node:fs/promises';", "'node:fs/promises'"],
  ['src/engine/text/a.ts', "import { b } from '../../../scripts/lib/rooms.mjs';", 'outside every room'],
];

const allowed: readonly (readonly [file: string, code: string])[] = [
  ['src/engine/ort/a.ts', "import * as ort from 'onnxruntime-node';"],
  ['src/engine/analysis/a.ts', "import { b } from '../program/index.ts'; import { c } from './c.ts';"],
  ['src/engine/main.ts', "import { b } from './analysis/index.ts'; import { c } from '../shared/errors.ts';"],
  ['src/cli/a.ts', "import { b } from '../engine/main.ts'; import fs from 'node:fs';"],
  ['src/host/deep/a.ts', "import * as vscode from 'vscode'; import { b } from '../../shared/errors.ts';"],
  ['src/extension.ts', "import * as vscode from 'vscode'; import { b } from './host/a.ts';"],
  ['webview/lib/controls.ts', "import { vsCodeButton } from '@vscode/webview-ui-toolkit';"],
  ['webview/overview/main.ts', "import { b } from '../lib/controls.ts'; import { c } from '../../src/shared/errors.ts'; import './style.css';"],
];

suite('who may import whom', () => {
  for (const [file, code, culprit] of forbidden) {
    test(`${file} is refused ${code}`, async () => {
      const found = await complaints(file, code);
      assert.equal(found.length, 1, `expected one complaint, found ${JSON.stringify(found)}`);
      assert.ok(found[0]?.includes(culprit), `the complaint does not name ${culprit}: ${found[0]}`);
    });
  }

  for (const [file, code] of allowed) {
    test(`${file} is allowed ${code}`, async () => {
      assert.deepEqual(await complaints(file, code), []);
    });
  }
});
