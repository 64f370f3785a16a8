/** Ctrl-C: the first asks politely, the second does not. */

export class Interrupts {
  private readonly soft = new AbortController();
  private readonly hard = new AbortController();

  /** A process whose interruptions are heard from now on. */
  static listen(): Interrupts {
    const interrupts = new Interrupts();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupts.interrupt());
    return interrupts;
  }

  /** Stop between two stages. */
  get signal(): AbortSignal {
    return this.soft.signal;
  }

  /** Stop now. */
  get hardSignal(): AbortSignal {
    return this.hard.signal;
  }

  private interrupt(): void {
    if (this.soft.signal.aborted) this.hard.abort();
    else this.soft.abort();
  }
}
