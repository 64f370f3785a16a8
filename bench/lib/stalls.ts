/** How long this process's event loop was held, while it plays the extension host. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const TICK_MS = 1;

export class Stalls {
  /** Processor time of this thread between two ticks: no single callback took longer. Milliseconds. */
  longestCpu = 0;
  /** How late a turn of the loop came, whoever had the core. Milliseconds. */
  longestDelay = 0;

  async during<T>(work: () => Promise<T>): Promise<T> {
    const delays = monitorEventLoopDelay({ resolution: TICK_MS });
    let last = process.threadCpuUsage();
    const tick = setInterval(() => {
      const { user, system } = process.threadCpuUsage(last);
      this.longestCpu = Math.max(this.longestCpu, (user + system) / 1000);
      last = process.threadCpuUsage();
    }, TICK_MS);
    delays.enable();
    try {
      return await work();
    } finally {
      delays.disable();
      clearInterval(tick);
      this.longestDelay = Math.max(this.longestDelay, delays.max / 1e6 - TICK_MS);
    }
  }
}
