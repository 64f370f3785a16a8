/** The engine as the editor starts it: the built file, a process of its own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EngineProcess } from '../../src/client/engineProcess.ts';

const script = join(import.meta.dirname, '../../dist/engine.js');

/** Threads within an operator, on both sides of a ratio; 0: as many as the runtime takes. Of the environment, since the reference is a process of its own. */
export const benchThreads = (): number => Number(process.env.COGSCOPE_BENCH_THREADS ?? 0);

export async function withEngine<T>(work: (engine: EngineProcess) => Promise<T>): Promise<T> {
  if (!existsSync(script)) throw new Error('There is no dist/engine.js: start the bench with "npm run bench"');
  const engine = EngineProcess.start({ script, threads: benchThreads(), onOutput: (text) => process.stderr.write(text) });
  try {
    // Answers once the process is up and its code is loaded.
    await engine.call('status', {});
    return await work(engine);
  } finally {
    await engine.end();
  }
}

export const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The same ids every time, spread over the vocabulary. */
export const promptOf = (length: number, vocab: number): readonly number[] => Array.from({ length }, (_, index) => (index * 7919 + 13) % vocab);
