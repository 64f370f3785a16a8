/** The engine for the time of one command: started, used, and gone afterwards, however that ends. */
import { fileURLToPath } from 'node:url';
import { EngineProcess } from '../client/engineProcess.ts';
import { CogscopeError } from '../shared/errors.ts';
import type { Interrupts } from './interrupts.ts';

/** How long an engine that is told to end may finish its stage. */
const GRACE_MS = 2000;
/** Of what the engine printed, for the details of its death. */
const LAST_WORDS = 2000;

export async function withEngine<T>(threads: number, interrupts: Interrupts, work: (engine: EngineProcess) => Promise<T>): Promise<T> {
  let printed = '';
  const engine = EngineProcess.start({
    script: fileURLToPath(new URL('engine.js', import.meta.url)),
    threads,
    onOutput: (text) => (printed = (printed + text).slice(-LAST_WORDS)),
  });
  const end = (): void => void engine.end();
  interrupts.hardSignal.addEventListener('abort', end, { once: true });
  try {
    return await work(engine);
  } catch (error) {
    if (!(error instanceof CogscopeError) || error.code !== 'engine-died') throw error;
    throw new CogscopeError('engine-died', error.data.what, 'Run it again, with a shorter prompt or fewer at a time if memory is short', '', printed);
  } finally {
    await engine.finish(GRACE_MS);
    interrupts.hardSignal.removeEventListener('abort', end);
  }
}
