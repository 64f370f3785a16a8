/**
 * Sweeps of activation patching in the unit of one plain onnxruntime forward of the same prompt, measured around them: each side in its own
 * process. `transformerlens/measured.json` has TransformerLens's in the same unit, and ours may be a tenth of them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Patching } from '../src/shared/experiment/experiment.ts';
import type { ExperimentProgress } from '../src/shared/experiment/result.ts';
import type { EngineProcess } from '../src/client/engineProcess.ts';
import { promptOf, rest, withEngine } from './lib/engine.ts';
import { Reference } from './lib/reference.ts';
import { MB, median } from './lib/results.ts';
import type { Result } from './lib/results.ts';
import { gpt2Small } from './models/gpt2.ts';

const LENGTH = 15;
/** From the start of a sweep to the first cells on this side. */
const FIRST_CELLS_MS = 300;
const AROUND = 8;

type SweepName = 'resid' | 'head' | 'head-position';

interface Sweep {
  readonly name: SweepName;
  readonly what: string;
  readonly of: Pick<Patching, 'sites' | 'by'>;
  readonly times: number;
  /** How many times fewer forwards than TransformerLens. */
  readonly atLeast: number;
}

const sweeps: readonly Sweep[] = [
  { name: 'resid', what: 'Residual stream by position', of: { sites: ['resid_pre'], by: 'position' }, times: 5, atLeast: 10 },
  { name: 'head', what: 'Heads', of: { sites: ['z'], by: 'head' }, times: 5, atLeast: 10 },
  { name: 'head-position', what: 'Heads by position', of: { sites: ['z'], by: 'head-position' }, times: 3, atLeast: 12 },
];

interface Measured {
  readonly date: string;
  readonly machine: string;
  readonly sweeps: Readonly<Record<SweepName, { readonly forwards: number }>>;
}

const measuredFile = join(import.meta.dirname, 'transformerlens/measured.json');
const theirs = existsSync(measuredFile) ? JSON.parse(readFileSync(measuredFile, 'utf8')) as Measured : undefined;

function experimentOf(path: string, length: number, of: Sweep['of']): Patching {
  const [clean, corrupted] = [promptOf(length, gpt2Small.vocab), promptOf(length, gpt2Small.vocab).map((id) => (id + 4229) % gpt2Small.vocab)];
  return { kind: 'activation-patching', model: path, pairs: [{ clean, corrupted, target: 0, distractor: 1 }], metric: 'logit-difference', position: -1, special: false, expect: [], direction: 'denoise', ...of };
}

interface Timed {
  readonly total: number;
  readonly firstCells: number;
  readonly cells: number;
  readonly passes: number;
}

async function timed(engine: EngineProcess, experiment: Patching): Promise<Timed> {
  const started = performance.now();
  let firstCells = NaN;
  const { frame, passes } = await engine.call('experiment', { experiment }, {
    onProgress: (body) => {
      if ((body as ExperimentProgress).kind === 'cells' && Number.isNaN(firstCells)) firstCells = performance.now() - started;
    },
  });
  return { total: performance.now() - started, firstCells, cells: frame.addresses.length, passes };
}

export async function measurePatching(path: string): Promise<readonly Result[]> {
  const reference = await Reference.load(path);
  const results: Result[] = [];
  const plainRuns = async (): Promise<readonly number[]> => {
    await rest(60);
    const runs: number[] = [];
    for (let run = 0; run < AROUND; run++) runs.push(await reference.run(promptOf(LENGTH, gpt2Small.vocab)));
    await rest(60);
    return runs;
  };
  try {
    await plainRuns();
    await withEngine(async (engine) => {
      await engine.call('open', { path, tokenizer: null });
      for (const sweep of sweeps) {
        const experiment = experimentOf(path, LENGTH, sweep.of);
        // The first one makes the sessions.
        const cold = await timed(engine, experiment);
        const runs: (Timed & { readonly plain: number })[] = [];
        for (let time = 0; time < sweep.times; time++) {
          const before = await plainRuns();
          const run = await timed(engine, experiment);
          runs.push({ ...run, plain: median([...before, ...await plainRuns()]) });
        }
        const forwards = median(runs.map(({ total, plain }) => total / plain));
        const [total, plain] = [median(runs.map((run) => run.total)), median(runs.map((run) => run.plain))];
        const limit = theirs && theirs.sweeps[sweep.name].forwards / sweep.atLeast;
        results.push(
          {
            id: `patching.${sweep.name}`, what: `${sweep.what}, ${cold.cells} cells, ${LENGTH} tokens`, value: forwards, unit: 'x', ...(limit === undefined ? {} : { limit }),
            note: `${total.toFixed(0)} ms against ${plain.toFixed(1)} ms for one plain forward; ${cold.passes} passes; ${sweep.times} times${theirs ? `; TransformerLens ${theirs.sweeps[sweep.name].forwards}, so ${(theirs.sweeps[sweep.name].forwards / forwards).toFixed(1)} times as many` : ''}`,
          },
          { id: `patching.${sweep.name}.first`, what: '  first cells here', value: median(runs.map((run) => run.firstCells)), unit: 'ms', limit: FIRST_CELLS_MS, note: `${cold.firstCells.toFixed(0)} ms where the sessions are still to be made` },
        );
      }
    });
  } finally {
    await reference.end();
  }
  return results;
}

const MEMORY_LENGTH = 512;
/** Of 73,728 cells: every batch is made alike, so memory has no reason to go on growing. */
const MEMORY_CELLS = 48;
const MEMORY_LIMIT = 2000;

/** What a sweep by head and position adds to the engine's resident memory at its highest: in the first cells of the whole sweep, which are those of the last layer, and in layer 0's, which run longest. */
export async function measurePatchingMemory(path: string): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const [id, layers] of [['all', undefined], ['0', [0]]] as const) {
    await withEngine(async (engine) => {
      await engine.call('open', { path, tokenizer: null });
      await rest(200);
      const before = (await engine.call('status', {})).rss;
      const abort = new AbortController();
      let done = 0;
      let of = 0;
      const experiment = { ...experimentOf(path, MEMORY_LENGTH, { sites: ['z'], by: 'head-position' }), ...(layers ? { layers } : {}) };
      const run = engine.call('experiment', { experiment }, {
        signal: abort.signal,
        onProgress: (body) => {
          const progress = body as ExperimentProgress;
          if (progress.kind !== 'cells') return;
          ({ done, of } = progress);
          if (done >= MEMORY_CELLS) abort.abort();
        },
      });
      await run.catch((error: unknown) => {
        if (!abort.signal.aborted) throw error;
      });
      const added = (peakMemory(engine.pid) - before) / MB;
      results.push({ id: `patching.memory.${id}`, what: `Memory that heads by position add, ${MEMORY_LENGTH} tokens, ${layers ? 'layer 0' : 'all layers'}`, value: added, unit: 'MB', limit: MEMORY_LIMIT, note: `highest in ${done} of ${of} cells, weights included` });
    });
  }
  return results;
}

/** The most that a process ever held (Linux). */
function peakMemory(pid: number | undefined): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8'));
  return Number(line?.[1] ?? NaN) * 1024;
}
