/** Two ends of a channel in memory, which carries what Node's and VS Code's carry. */
import type { Frame, Port } from '../../../src/shared/rpc/frames.ts';

export class End implements Port {
  /** Everything that was sent from here. */
  readonly sent: Frame[] = [];
  other: End | undefined;
  private readonly frames = new Set<(frame: unknown) => void>();
  private readonly closes = new Set<(reason: string) => void>();

  send(frame: Frame): void {
    this.sent.push(frame);
    const copy: unknown = structuredClone(frame);
    setImmediate(() => this.other?.arrive(copy));
  }

  /** Something arrives here, a frame or not. */
  arrive(frame: unknown): void {
    for (const listener of this.frames) listener(frame);
  }

  /** The other side goes. */
  close(reason: string): void {
    for (const listener of this.closes) listener(reason);
  }

  onFrame(listener: (frame: unknown) => void): () => void {
    this.frames.add(listener);
    return () => this.frames.delete(listener);
  }

  onClose(listener: (reason: string) => void): () => void {
    this.closes.add(listener);
    return () => this.closes.delete(listener);
  }
}

export function pipe(): readonly [End, End] {
  const ends = [new End(), new End()] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

/** Any methods. */
export type AnyApi = Readonly<Record<string, (params: unknown) => Promise<unknown>>>;
