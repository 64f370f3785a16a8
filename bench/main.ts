/**
 * npm run bench [-- --only NAME[,NAME]] [-- --threads N] [-- --write]
 *
 * Measures speed and memory as ratios within one run, prints a table and writes out/bench/results.json; `--write` also
 * puts the table into bench/README.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCapture, measureChain, measureCold } from './capture.ts';
import { machine } from './lib/machine.ts';
import type { Machine } from './lib/machine.ts';
import { isHeld, table } from './lib/results.ts';
import type { Result } from './lib/results.ts';
import { generated, models } from './models/catalogue.ts';
import type { ModelName } from './models/catalogue.ts';
import { measureIndexing, measureLookups } from './neurons.ts';
import { measureOpen } from './open.ts';
import { measurePanels } from './panels.ts';
import { measurePatching, measurePatchingMemory } from './patching.ts';
import { measureMemory, measureSpinning } from './rules.ts';

const out = join(import.meta.dirname, '../out/bench');
const path = (name: ModelName): string => generated(name, join(out, 'models'));

const stories = join(import.meta.dirname, '../examples/stories');

/** More nodes than any other fixture has: twelve layers, as torch's older exporter writes them. */
const largestGraph = join(import.meta.dirname, '../test/fixtures/cells/gpt2-12-layers/torchscript.onnx');

const sections: Readonly<Record<string, () => Promise<readonly Result[]>>> = {
  open: async () => {
    const results: Result[] = [];
    for (const name of Object.keys(models) as ModelName[]) results.push(...await measureOpen(name, path(name)));
    results.push(...await measureOpen('largest-graph', largestGraph));
    return results;
  },
  cold: () => measureCold(path('gpt2-small'), 15),
  capture15: async () => [...await measureCapture(path('gpt2-small'), 15, 60), ...await measureChain(path('gpt2-small'), 15, 60)],
  capture512: async () => [...await measureCapture(path('gpt2-small'), 512, 7), ...await measureChain(path('gpt2-small'), 512, 7)],
  memory: async () => [...await measureMemory(path('gpt2-small'), 15), ...await measureMemory(path('gpt2-small'), 512)],
  patching: () => measurePatching(path('gpt2-small')),
  'patching-memory': () => measurePatchingMemory(path('gpt2-small')),
  neurons: () => measureIndexing({ name: 'stories', model: join(stories, 'stories.onnx'), tokenizer: join(stories, 'tokenizer.json'), tokens: 130_000, length: 256, pairs: 3 }, join(out, 'neurons')),
  'neurons-million': () => measureIndexing({ name: 'stories-million', model: join(stories, 'stories.onnx'), tokenizer: join(stories, 'tokenizer.json'), tokens: 930_000, length: 256, pairs: 1 }, join(out, 'neurons')),
  'neurons-large': () => measureIndexing({ name: 'gpt2-small', model: path('gpt2-small'), tokenizer: join(stories, 'tokenizer.json'), tokens: 8000, length: 256, pairs: 1 }, join(out, 'neurons')),
  'neurons-lookup': () => measureLookups(join(stories, 'stories.onnx'), join(stories, 'tokenizer.json'), join(out, 'neurons')),
  panels: () => measurePanels(),
  spinning: () => measureSpinning(path('gpt2-small'), 15, 30),
};

const { values } = parseArgs({ options: { only: { type: 'string' }, threads: { type: 'string' }, write: { type: 'boolean', default: false } } });
if (values.threads !== undefined) process.env.COGSCOPE_BENCH_THREADS = values.threads;
const chosen = values.only?.split(',') ?? Object.keys(sections);
const where = machine();
const results: Result[] = [];
for (const name of chosen) {
  const section = sections[name];
  if (!section) throw new Error(`There is no section "${name}": choose from ${Object.keys(sections).join(', ')}`);
  console.log(`${name} …`);
  results.push(...await section());
}
const text = `${describe(where)}\n\n${table(results)}`;
console.log(`\n${text}`);
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'results.json'), `${JSON.stringify({ date: new Date().toISOString(), machine: where, results }, null, 1)}\n`);
if (values.write) writeReadme(text);
const missed = results.filter((result) => !isHeld(result));
if (missed.length > 0) console.log(`\nMissed: ${missed.map((result) => result.id).join(', ')}`);
process.exitCode = missed.length > 0 ? 1 : 0;

function describe(from: Machine): string {
  return `${from.cpu}, ${from.cores} cores, ${from.memoryGB} GB, ${from.system}; Node ${from.node}, ONNX Runtime ${from.onnxruntime}; load before ${from.load}; ${new Date().toISOString().slice(0, 10)}.`;
}

/** Between the two marks. */
function writeReadme(content: string): void {
  const file = join(import.meta.dirname, 'README.md');
  const readme = readFileSync(file, 'utf8');
  writeFileSync(file, readme.replace(/(<!-- results -->\n)[\s\S]*(<!-- end of results -->)/, (_, start: string, end: string) => `${start}${content}\n${end}`));
}
