/**
 * Everything that can go wrong in front of a person, in one plain sentence with what to do.
 *
 * `code` decides the exit status of the command line and what the editor offers; the sentence is for people.
 */
export type ErrorCode =
  /** The caller asked for something that makes no sense (exit 2). */
  | 'usage'
  /** A model or an input cannot be read (exit 3). */
  | 'unreadable'
  /** Understood and refused, with the reason (exit 4). */
  | 'refused'
  /** The file on disk is no longer the one that was opened (exit 3). */
  | 'changed'
  /** The engine process died (exit 5). */
  | 'engine-died'
  /** Running needs a trusted workspace (exit 4). */
  | 'untrusted'
  /** The caller cancelled (exit 130). */
  | 'cancelled'
  /** A defect of ours (exit 5). */
  | 'internal';

const codes: readonly ErrorCode[] = ['usage', 'unreadable', 'refused', 'changed', 'engine-died', 'untrusted', 'cancelled', 'internal'];

export interface ErrorData {
  readonly code: ErrorCode;
  /** What happened, one sentence without a full stop at the end. */
  readonly what: string;
  /** What the person can do, one sentence without a full stop at the end; empty where there is nothing. */
  readonly todo: string;
  /** File, address or option that it concerns; empty where the sentence says it. */
  readonly where: string;
  /** For "Show details": a stack, the runtime's own words. Never needed to understand the sentence. */
  readonly detail: string;
}

export class CogscopeError extends Error {
  override readonly name = 'CogscopeError';
  readonly data: ErrorData;

  constructor(code: ErrorCode, what: string, todo = '', where = '', detail = '') {
    super(sentence({ what, todo, where }));
    this.data = { code, what, todo, where, detail };
  }

  get code(): ErrorCode {
    return this.data.code;
  }

  /** From data that crossed a process boundary, whatever they turn out to be. */
  static from(data: { readonly [K in keyof ErrorData]?: unknown }): CogscopeError {
    const text = (part: unknown): string => (typeof part === 'string' ? part : '');
    const code = codes.find((known) => known === data.code) ?? 'internal';
    return new CogscopeError(code, text(data.what) || 'An error arrived without a description', text(data.todo), text(data.where), text(data.detail));
  }

  /** Anything thrown, as data that can cross a process boundary. */
  static describe(thrown: unknown): ErrorData {
    if (thrown instanceof CogscopeError) return thrown.data;
    if (isAbort(thrown)) return { code: 'cancelled', what: 'Cancelled', todo: '', where: '', detail: '' };
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return {
      code: 'internal',
      what: `Cogscope met an error of its own: ${error.message.split('\n')[0] ?? ''}`,
      todo: 'Report it with the output channel’s text',
      where: '',
      detail: error.stack ?? error.message,
    };
  }
}

/** `WHAT (WHERE). TODO` as the command line and notifications print it. */
export function sentence(data: Pick<ErrorData, 'what' | 'todo' | 'where'>): string {
  const where = data.where ? ` (${data.where})` : '';
  const todo = data.todo ? ` ${data.todo}.` : '';
  return `${data.what}${where}.${todo}`;
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}
