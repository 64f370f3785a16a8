/**
 * Builds everything that ships into dist/: the extension, the engine, the command line, and one script and stylesheet per webview panel.
 * `--watch` rebuilds on change, `--production` minifies, leaves the source maps out and writes the licences of what is in the bundles.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { withoutLimits } from './scripts/lib/editor-schema.mjs';
import { noticesOf } from './scripts/lib/notices.mjs';

process.chdir(dirname(fileURLToPath(import.meta.url)));

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

const common = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/**
 * The oldest Node of an editor that package.json's `engines.vscode` admits, and of a person who runs the command line.
 * The JSON parser's first form asks for its own files by names that no bundler sees.
 */
const node = { ...common, platform: 'node', target: 'node20', alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } };

/** ESM output of packages written as CommonJS still asks for `require`. */
const requireInModules = "import { createRequire as requireOfModules } from 'node:module';\nconst require = requireOfModules(import.meta.url);";

/** A panel is any folder of webview/ with a main.ts in it. */
const panels = Object.fromEntries(
  (existsSync('webview') ? readdirSync('webview') : []).map((name) => [name, `webview/${name}/main.ts`]).filter(([, file]) => existsSync(file)),
);

const bundles = [
  { ...node, entryPoints: { extension: 'src/extension.ts' }, outdir: 'dist', format: 'cjs', outExtension: { '.js': '.cjs' }, external: ['vscode'] },
  {
    ...node,
    entryPoints: { engine: 'src/engine/main.ts', cli: 'src/cli/main.ts' },
    outdir: 'dist',
    format: 'esm',
    external: ['onnxruntime-node'],
    banner: { js: requireInModules },
  },
  {
    ...common,
    entryPoints: panels,
    outdir: 'dist/webview',
    platform: 'browser',
    target: 'chrome128',
    format: 'iife',
    loader: { '.svg': 'dataurl', '.ttf': 'dataurl' },
  },
];

const executableCli = {
  name: 'executable-cli',
  setup(build) {
    build.onEnd(() => {
      if (existsSync('dist/cli.js')) chmodSync('dist/cli.js', 0o755);
    });
  },
};

/** The lines that an editor's problem matcher for esbuild in watch mode looks for. */
const watchMarks = {
  name: 'watch-marks',
  setup(build) {
    build.onStart(() => console.log('[watch] build started'));
    build.onEnd((result) => {
      for (const { text, location } of result.errors) {
        console.error(`✘ [ERROR] ${text}`);
        if (location !== null) console.error(`    ${location.file}:${location.line}:${location.column}:`);
      }
      console.log('[watch] build finished');
    });
  },
};

if (production) rmSync('dist', { recursive: true, force: true });
mkdirSync('dist', { recursive: true });
// The JPEG decoder, which the engine looks for beside itself.
copyFileSync('node_modules/@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm', 'dist/mozjpeg_dec.wasm');
// What package.json contributes for experiments' files.
writeFileSync('dist/experiment.schema.json', JSON.stringify(withoutLimits(JSON.parse(readFileSync('schemas/experiment.schema.json', 'utf8')))));

const wanted = bundles.map((bundle) => {
  const entryPoints = Object.fromEntries(Object.entries(bundle.entryPoints).filter(([, file]) => existsSync(file)));
  return { ...bundle, entryPoints, plugins: [executableCli, ...(watch ? [watchMarks] : [])] };
}).filter((bundle) => Object.keys(bundle.entryPoints).length > 0);

if (watch) {
  const contexts = await Promise.all(wanted.map((options) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  const results = await Promise.all(wanted.map((options) => esbuild.build(options))).catch(() => undefined);
  if (results === undefined) process.exitCode = 1; // esbuild has printed what is wrong, and where.
  else if (production) writeFileSync('dist/NOTICES.txt', noticesOf(results.map(({ metafile }) => metafile)));
}
