/**
 * A run that captures every head's pattern, as the attention panel asks for it, beside an untouched onnxruntime session
 * on the same file: pairs, in turns, each side in its own process.
 */
import type { RunProgress } from '../src/shared/protocol/engineApi.ts';
import type { EngineProcess } from '../src/client/engineProcess.ts';
import { promptOf, rest, withEngine } from './lib/engine.ts';
import { Reference } from './lib/reference.ts';
import { median } from './lib/results.ts';
import type { Result } from './lib/results.ts';
import { Stalls } from './lib/stalls.ts';

const LIMIT = 1.15;
const VOCAB = 50257;
/** Between two runs, so that threads of the one before no longer spin. */
const REST_MS = 60;

interface Timed {
  /** Until the result was here, on this side of the boundary. */
  readonly total: number;
  /** Until the first layer's patterns were here. */
  readonly firstLayer: number;
  readonly layers: number;
}

async function timedRun(engine: EngineProcess, ids: readonly number[]): Promise<Timed> {
  const started = performance.now();
  let firstLayer = NaN;
  let layers = 0;
  await engine.call('run', { prompt: { kind: 'ids', ids }, patterns: true }, {
    onProgress: (body) => {
      if ((body as RunProgress).kind !== 'layer') return;
      if (layers++ === 0) firstLayer = performance.now() - started;
    },
  });
  return { total: performance.now() - started, firstLayer, layers };
}

/** The first run after opening, when every session has yet to be made. */
export async function measureCold(path: string, length: number): Promise<readonly Result[]> {
  const shares: number[] = [];
  const totals: number[] = [];
  for (let time = 0; time < 3; time++) {
    await withEngine(async (engine) => {
      await engine.call('open', { path, tokenizer: null });
      const { total, firstLayer } = await timedRun(engine, promptOf(length, VOCAB));
      shares.push((firstLayer / total) * 100);
      totals.push(total);
    });
  }
  return [{
    id: `first-layer.cold.${length}`, what: `First layer here, first run, ${length} tokens`, value: median(shares), unit: '%', limit: 50,
    note: `of a run of ${median(totals).toFixed(0)} ms, sessions made on the way; 3 fresh engines`,
  }];
}

export async function measureCapture(path: string, length: number, pairs: number): Promise<readonly Result[]> {
  const ids = promptOf(length, VOCAB);
  const reference = await Reference.load(path);
  try {
    return await withEngine(async (engine) => {
      await engine.call('open', { path, tokenizer: null });
      for (let warm = 0; warm < 2; warm++) {
        await reference.run(ids);
        await timedRun(engine, ids);
      }
      const ratios: number[] = [];
      const plain: number[] = [];
      const runs: Timed[] = [];
      const stalls = new Stalls();
      for (let pair = 0; pair < pairs; pair++) {
        const one = async (side: 'plain' | 'ours'): Promise<void> => {
          await rest(REST_MS);
          if (side === 'plain') plain.push(await reference.run(ids));
          else runs.push(await stalls.during(() => timedRun(engine, ids)));
        };
        for (const side of pair % 2 === 0 ? ['plain', 'ours'] as const : ['ours', 'plain'] as const) await one(side);
        ratios.push((runs.at(-1)?.total ?? NaN) / (plain.at(-1) ?? NaN));
      }
      const total = median(runs.map((run) => run.total));
      return [
        {
          id: `capture.${length}`, what: `Run with every pattern, ${length} tokens`, value: median(ratios), unit: 'x', limit: LIMIT,
          note: `${total.toFixed(1)} ms against ${median(plain).toFixed(1)} ms; median of ${pairs} pairs, ${runs[0]?.layers ?? 0} layers`,
        },
        {
          id: `first-layer.${length}`, what: `First layer here, ${length} tokens`, value: median(runs.map((run) => (run.firstLayer / run.total) * 100)), unit: '%', limit: 50,
          note: `of ${total.toFixed(1)} ms, on the host's side`,
        },
        {
          id: `host.${length}`, what: `Longest hold of the host, ${length} tokens`, value: stalls.longestCpu, unit: 'ms', limit: 50,
          note: `processor time between two turns of the loop; longest delay of a turn ${stalls.longestDelay.toFixed(0)} ms`,
        },
      ];
    });
  } finally {
    await reference.end();
  }
}
