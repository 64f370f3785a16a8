/** Opening: skeleton and anatomy, in a fresh engine each time, must not depend on the size of the weights. */
import { rest, withEngine } from './lib/engine.ts';
import { MB, median } from './lib/results.ts';
import type { Result } from './lib/results.ts';
import { sizeOf } from './models/catalogue.ts';

const TIMES = 7;
const LIMIT_MS = 150;
const LIMIT_MB = 60;

export async function measureOpen(model: string, path: string): Promise<readonly Result[]> {
  const ms: number[] = [];
  const added: number[] = [];
  let parts = '';
  for (let time = 0; time < TIMES; time++) {
    await withEngine(async (engine) => {
      await rest(100);
      const before = (await engine.call('status', {})).rss;
      const started = performance.now();
      const summary = await engine.call('open', { path, tokenizer: null });
      ms.push(performance.now() - started);
      added.push(((await engine.call('status', {})).rss - before) / MB);
      parts = `skeleton ${summary.ms.read.toFixed(0)} ms, anatomy ${summary.ms.anatomy.toFixed(0)} ms, ${summary.model.nodes} nodes`;
    });
  }
  const size = `${(sizeOf(path) / MB).toFixed(0)} MB`;
  return [
    { id: `open.${model}.ms`, what: `Open ${model} (${size})`, value: median(ms), unit: 'ms', limit: LIMIT_MS, note: `median of ${TIMES} fresh engines; last: ${parts}` },
    { id: `open.${model}.rss`, what: `  memory that it adds`, value: median(added), unit: 'MB', limit: LIMIT_MB, note: `${Math.min(...added).toFixed(0)} to ${Math.max(...added).toFixed(0)} MB` },
  ];
}
