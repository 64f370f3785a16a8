/** Progress on stderr: a bar on a terminal; elsewhere a plain line now and then, and none for what is done in a moment. */
import type { Terminal } from './terminal.ts';

const BAR = 24;
/** Between two plain lines, and before the first. */
const LINE_MS = 2000;

interface State {
  readonly what: string;
  readonly done: number;
  /** 0: it cannot be measured. */
  readonly of: number;
  readonly behind: string;
}

export class Progress {
  private readonly terminal: Terminal;
  private readonly quiet: boolean;
  private readonly timer: NodeJS.Timeout | undefined;
  private pending: State | undefined;
  private hasBar = false;

  constructor(terminal: Terminal, quiet: boolean) {
    this.terminal = terminal;
    this.quiet = quiet;
    if (!quiet && !terminal.isLive) this.timer = setInterval(() => this.line(), LINE_MS).unref();
  }

  show(what: string, done = 0, of = 0, behind = ''): void {
    this.pending = { what, done, of, behind };
    if (this.terminal.isLive && !this.quiet) this.bar(this.pending);
  }

  /** A remark that stays. */
  note(text: string): void {
    if (this.quiet) return;
    this.clear();
    this.terminal.err(`cogscope: ${text}\n`);
  }

  /** Nothing is going on any more; takes the bar away. */
  end(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private clear(): void {
    if (this.hasBar) this.terminal.err('\r\x1b[2K');
    this.hasBar = false;
  }

  private bar(state: State): void {
    const filled = state.of > 0 ? Math.round((BAR * state.done) / state.of) : 0;
    const bar = state.of > 0 ? `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ` : '';
    this.terminal.err(`\r\x1b[2K${bar}${words(state)}`);
    this.hasBar = true;
  }

  private line(): void {
    if (this.pending) this.terminal.err(`${words(this.pending)}\n`);
    this.pending = undefined;
  }
}

const words = ({ what, done, of, behind }: State): string => `${what}${of > 0 ? ` ${done} of ${of}` : ''}${behind}`;
