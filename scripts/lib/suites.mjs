import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { run } from './run.mjs';
import { runFiles } from './run-files.mjs';
import { runInHost } from './run-inhost.mjs';
import { indent, line, shorten } from './report.mjs';

const MINUTE = 60_000;
const cores = availableParallelism();

/** A program whose exit code is the verdict; it counts as one test. */
async function check(name, ...args) {
  const start = performance.now();
  const { code, output } = await run(process.execPath, args, { cwd: root, allowFailure: true });
  line(code === 0, name, code === 0 ? '1 passed' : '1 failed', performance.now() - start);
  if (code !== 0) console.log(`\n${indent(shorten(output.trimEnd()), '      ')}\n`);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const checks = [
  ['typecheck', join(root, 'node_modules/typescript/bin/tsc'), '-b', '--pretty', 'false'],
  ['lint', join(root, 'node_modules/eslint/bin/eslint.js'), '.', '--max-warnings=0'],
];

/**
 * The suites, in the order in which they run: the cheap ones first.
 * @type {Record<string, { about: string, needs: readonly ('browser' | 'editor')[], run: (options: { filter?: string, only?: string, desktop?: boolean }) => Promise<{ passed: number, failed: number }> }>}
 */
export const suites = {
  check: {
    about: 'types and lint',
    needs: [],
    async run({ filter, only }) {
      const total = { passed: 0, failed: 0 };
      if (filter !== undefined || only !== undefined) return total;
      for (const one of checks) {
        const { passed, failed } = await check(...one);
        total.passed += passed;
        total.failed += failed;
      }
      return total;
    },
  },
  unit: {
    about: 'pure functions and files, without a model run',
    needs: [],
    run: (options) => runFiles(['test/unit/**/*.test.ts'], { ...options, concurrency: cores, timeout: 3 * MINUTE }),
  },
  engine: {
    about: 'the engine and the command line, on real models',
    needs: [],
    // The matrix is one file, a third of a second a cell.
    run: (options) => runFiles(['test/engine/**/*.test.ts'], { ...options, concurrency: cores, timeout: 10 * MINUTE }),
  },
  webview: {
    about: 'the panels, in Chromium',
    needs: ['browser'],
    run: (options) => runFiles(['test/webview/**/*.test.ts'], { ...options, concurrency: Math.max(1, cores >> 1), timeout: 5 * MINUTE }),
  },
  vscode: {
    about: 'a real VS Code: inside its extension host, then through its window',
    needs: ['browser', 'editor'],
    async run(options) {
      const inside = await runInHost({ ...options, timeout: 5 * MINUTE });
      const window = await runFiles(['test/vscode/ui/**/*.test.ts', 'test/vscode/*.test.ts'], { ...options, concurrency: 1, timeout: 6 * MINUTE });
      return { passed: inside.passed + window.passed, failed: inside.failed + window.failed };
    },
  },
};
