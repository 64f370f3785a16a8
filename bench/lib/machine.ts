/** Where figures come from. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  readonly onnxruntime: string;
  /** Programs that wanted a core in the minute before: above about a tenth of the cores, figures are not to be trusted. */
  readonly load: number;
}

export function machine(): Machine {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  const { version } = JSON.parse(readFileSync(join(dirname(runtime), '../package.json'), 'utf8')) as { readonly version: string };
  return {
    cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), memoryGB: Math.round(totalmem() / 1e9),
    system: `${process.platform} ${process.arch}`, node: process.version, onnxruntime: version, load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}
