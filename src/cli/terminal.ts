/** The standard streams: results on one, everything else on the other. */

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** A person watches stderr, so that a line may be written over. */
  readonly isLive: boolean;
}

/** Ends quietly when whoever reads the results has had enough (`| head`). */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isLive: process.stderr.isTTY,
  };
}
