/**
 * npm test [-- SUITE… --filter REGEXP --file PART --desktop]: sets up what the suites need, runs them, and ends with `N passed, N failed`.
 */
import { parseArgs } from 'node:util';
import { underPinnedNode } from './lib/pinned-node.mjs';
import { build, installPackages } from './lib/setup.mjs';
import { main, Plain } from './lib/steps.mjs';

await underPinnedNode();

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { filter: { type: 'string' }, file: { type: 'string' }, desktop: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const { suites } = await import('./lib/suites.mjs');
  if (values.help) return help(suites);
  const unknown = positionals.find((name) => !(name in suites));
  if (unknown !== undefined) throw new Plain(`There is no suite '${unknown}'. The suites are ${Object.keys(suites).join(', ')}.`);
  const chosen = Object.entries(suites).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  const needs = new Set(chosen.flatMap(([, suite]) => suite.needs));

  console.log('set-up');
  await installPackages();
  await build();
  if (needs.has('browser')) process.env.COGSCOPE_CHROMIUM = await (await import('./lib/chromium.mjs')).ensureChromium();
  if (needs.has('editor')) await (await import('../test/vscode/harness/install.mjs')).installServerBuild();

  const total = { passed: 0, failed: 0 };
  const start = performance.now();
  for (const [name, suite] of chosen) {
    console.log(`\n${name}: ${suite.about}`);
    const { passed, failed } = await suite.run({ filter: values.filter, only: values.file, desktop: values.desktop });
    if (passed + failed === 0) console.log('  no tests');
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
});

function help(suites) {
  console.log('npm test [-- SUITE… --filter REGEXP --file PART --desktop]\n');
  for (const [name, { about }] of Object.entries(suites)) console.log(`  ${name.padEnd(10)} ${about}`);
  console.log('\n  --filter   runs the tests whose name matches a regular expression\n  --file     runs the files whose path contains a text');
  console.log('  --desktop  runs the tests inside the extension host in a desktop VS Code, which is downloaded');
}
