/** The engine process: serves one model to whoever forked it, and ends when that side goes. */
import { totalmem } from 'node:os';
import { Connection } from '../shared/rpc/connection.ts';
import type { Port } from '../shared/rpc/frames.ts';
import { engineHandlers } from './server.ts';

/** Weights that live sessions may hold: half of the machine's memory, since each session packs a copy. */
const weightBudget = totalmem() / 2;

function parentPort(): Port {
  return {
    send: (frame) => {
      if (process.connected) process.send?.(frame);
    },
    onFrame: (listener) => {
      process.on('message', listener);
      return () => process.off('message', listener);
    },
    onClose: (listener) => {
      const closed = (): void => listener('The editor went away');
      process.on('disconnect', closed);
      return () => process.off('disconnect', closed);
    },
  };
}

if (!process.send) {
  process.stderr.write('cogscope: this file is started by the editor or the command line, not by hand\n');
  process.exit(2);
}
// An engine without anybody to serve must not stay: the parent may have been killed.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent decides when the engine ends.
process.on('SIGINT', () => undefined);

const threads = Number(process.env['COGSCOPE_THREADS'] ?? 0);
new Connection(parentPort()).serve(engineHandlers({ threads: Number.isSafeInteger(threads) && threads > 0 ? threads : 0, weightBudget }));
