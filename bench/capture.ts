/**
 * A run that captures every head's pattern, as the attention panel asks for it, beside an untouched onnxruntime session
 * on the same file: pairs, in turns, each side in its own process.
 */
import type { RunProgress } from '../src/shared/protocol/engineApi.ts';
import type { EngineProcess } from '../src/client/engineProcess.ts';
import { readAnatomy } from '../src/engine/anatomy/read.ts';
import { inferTypes } from '../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../src/engine/onnx/model.ts';
import { makeTensor } from '../src/engine/ort/tensor.ts';
import { chainShape } from '../src/engine/program/chain.ts';
import { Program } from '../src/engine/program/program.ts';
import { benchThreads, promptOf, withEngine } from './lib/engine.ts';
import { inTurns } from './lib/pairs.ts';
import { Reference } from './lib/reference.ts';
import { median } from './lib/results.ts';
import type { Result } from './lib/results.ts';
import { Stalls } from './lib/stalls.ts';
import { gpt2Small } from './models/gpt2.ts';

const INT64 = 7;

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
      const progress = body as RunProgress;
      const made = progress.kind === 'stage' ? progress.layers.length : 0;
      if (layers === 0 && made > 0) firstLayer = performance.now() - started;
      layers += made;
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
      const { total, firstLayer } = await timedRun(engine, promptOf(length, gpt2Small.vocab));
      shares.push((firstLayer / total) * 100);
      totals.push(total);
    });
  }
  return [{
    id: `first-layer.cold.${length}`, what: `First layer here, first run, ${length} tokens`, value: median(shares), unit: '%', limit: 50,
    note: `of a run of ${median(totals).toFixed(0)} ms, sessions made on the way; 3 fresh engines`,
  }];
}

export async function measureCapture(path: string, length: number, count: number): Promise<readonly Result[]> {
  const ids = promptOf(length, gpt2Small.vocab);
  const reference = await Reference.load(path);
  try {
    return await withEngine(async (engine) => {
      await engine.call('open', { path, tokenizer: null });
      const runs: Timed[] = [];
      const stalls = new Stalls();
      const pairs = await inTurns(count, () => reference.run(ids), async () => {
        const run = await stalls.during(() => timedRun(engine, ids));
        runs.push(run);
        return run.total;
      });
      return [
        { ...ratio(`capture.${length}`, `Run with every pattern, ${length} tokens`, pairs), limit: 1.15 },
        {
          id: `first-layer.${length}`, what: `First layer here, ${length} tokens`, value: median(runs.map((run) => (run.firstLayer / run.total) * 100)), unit: '%', limit: 50,
          note: `of ${median(runs.map((run) => run.total)).toFixed(1)} ms; ${runs[0]?.layers ?? 0} layers`,
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

/** The chain alone, in this process, with all that the plain session computes: every pattern and the logits of every position. */
export async function measureChain(path: string, length: number, count: number): Promise<readonly Result[]> {
  const ids = promptOf(length, gpt2Small.vocab);
  const reference = await Reference.load(path);
  const model = await OnnxModel.open(path);
  const types = inferTypes(model);
  const anatomy = readAnatomy(model, types);
  const program = new Program(model, types, chainShape(model, types, anatomy), { threads: benchThreads(), level: 'all', weightBudget: Infinity });
  const taps = anatomy.towers.flatMap((tower) => tower.blocks.flatMap((block) => (block.attention ? [block.attention.pattern.value] : [])));
  const inputs = new Map(model.graph.inputs.map((input) => [input, makeTensor(INT64, [1, ids.length], ids)]));
  try {
    const pairs = await inTurns(count, () => reference.run(ids), async () => {
      const started = performance.now();
      await program.run({ inputs, taps, logits: 'all' });
      return performance.now() - started;
    });
    return [ratio(`chain.${length}`, '  the chain alone, logits of every position', pairs)];
  } finally {
    await program.release();
    await model.close();
    await reference.end();
  }
}

function ratio(id: string, what: string, pairs: readonly (readonly [plain: number, ours: number])[]): Result {
  const [plain, ours] = [0, 1].map((side) => median(pairs.map((pair) => pair[side] ?? NaN)).toFixed(1));
  return { id, what, value: median(pairs.map(([before, after]) => after / before)), unit: 'x', note: `${ours} ms against ${plain} ms; median of ${pairs.length} pairs` };
}
