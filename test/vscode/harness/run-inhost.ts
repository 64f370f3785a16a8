/**
 * Runs test/vscode/inhost/*.test.ts inside the extension host of a real VS Code. Arguments: the file for the results, a regular
 * expression on test names, a part of the files' names, and `server` or `desktop`.
 */
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../../..');
const [results = '', filter = '', only = '', editor = 'server'] = process.argv.slice(2);

const files = globSync('test/vscode/inhost/**/*.test.ts', { cwd: root }).filter((file) => file.includes(only)).sort();
const scratch = mkdtempSync(join(tmpdir(), 'cogscope-inhost-'));
const bundle = join(scratch, 'tests.cjs');
const workspace = join(scratch, 'examples');

/** `require`, not `import`: each file's tests must be registered while its name is set. */
const entry = [
  "import { inFile, runAll } from './test/vscode/harness/inhost.ts';",
  ...files.map((file) => `inFile(${JSON.stringify(file)}); require(${JSON.stringify(`./${file}`)});`),
  'export const run = () => runAll(process.env.COGSCOPE_RESULTS, new RegExp(process.env.COGSCOPE_FILTER, "i"));',
].join('\n');

type Payload = ConstructorParameters<typeof SourceMap>[0];

/** Places in the bundle, in the text of a stack, as places in the sources. The editor's own way with stacks leaves source maps out. */
function inSources(text: string, map: SourceMap): string {
  return text.replaceAll(/\(?[^\s(]*tests\.cjs:(\d+):(\d+)\)?/g, (whole, row: string, column: string) => {
    const entry = map.findEntry(Number(row) - 1, Number(column) - 1);
    if (!('originalSource' in entry)) return whole;
    return `(${relative(root, resolve(scratch, entry.originalSource))}:${entry.originalLine + 1}:${entry.originalColumn + 1})`;
  });
}

interface Line {
  readonly verdict?: string;
  readonly at?: string;
  readonly error?: string;
}

/** Rewrites the results with the places of the sources. */
function mapResults(): void {
  if (!existsSync(results)) return;
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')) as Payload);
  const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean).map((text) => JSON.parse(text) as Line);
  const mapped = lines.map(({ at, error, ...line }) => {
    const place = at === undefined ? null : inSources(at, map).match(/:(\d+):(\d+)\)/);
    return {
      ...line,
      at: place === null ? undefined : { line: Number(place[1]), column: Number(place[2]) },
      error: error === undefined ? undefined : inSources(error, map).replaceAll(/\n\s+at .*harness\/inhost\.ts.*/g, ''),
    };
  });
  writeFileSync(results, mapped.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

try {
  await build({
    stdin: { contents: entry, resolveDir: root, sourcefile: 'inhost.js' },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode'],
    sourcemap: 'external',
    logLevel: 'warning',
  });
  cpSync(join(root, 'examples'), workspace, { recursive: true });
  await runTests({
    ...(editor === 'server' ? { vscodeExecutablePath: process.execPath } : {}),
    launchArgs: [...(editor === 'server' ? [join(import.meta.dirname, 'wrapper.ts')] : []), workspace, '--disable-extensions'],
    extensionDevelopmentPath: root,
    extensionTestsPath: bundle,
    extensionTestsEnv: { COGSCOPE_RESULTS: results, COGSCOPE_FILTER: filter },
  });
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  mapResults();
  rmSync(scratch, { recursive: true, force: true });
}
