/** The engine as the editor starts it: the built file, a process of its own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EngineProcess } from '../../src/client/engineProcess.ts';

const script = join(import.meta.dirname, '../../dist/engine.js');

export async function withEngine<T>(work: (engine: EngineProcess) => Promise<T>): Promise<T> {
  if (!existsSync(script)) throw new Error('There is no dist/engine.js: start the bench with "npm run bench"');
  const engine = EngineProcess.start({ script, threads: 0, onOutput: (text) => process.stderr.write(text) });
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
