import { CogscopeError } from '../errors.ts';
import type { ErrorData } from '../errors.ts';
import type { Frame, Packed, Port } from './frames.ts';
import { isFrame } from './isFrame.ts';
import { pack, unpack } from './pack.ts';

/** Any API type: an interface of methods that take one parameter object and return a promise. */
export type Api<T> = { readonly [K in keyof T]: (params: never) => Promise<unknown> };

export type Params<T, K extends keyof T> = T[K] extends (params: infer P) => Promise<unknown> ? P : never;
export type Result<T, K extends keyof T> = T[K] extends (params: never) => Promise<infer R> ? R : never;

/** What a handler is given besides its parameters. */
export interface CallContext {
  readonly signal: AbortSignal;
  progress(body: unknown): void;
}

export type Handlers<T> = { readonly [K in keyof T]: (params: Params<T, K>, context: CallContext) => Promise<Result<T, K>> | Result<T, K> };

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((body: unknown) => void) | undefined;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((body: unknown) => void) | undefined;
  readonly done: () => void;
}

/**
 * One end of the transport: calls, results, errors, cancellation, progress and events over a {@link Port}.
 *
 * Every pending call is settled when the other side goes away; a handler that throws answers with an error; a frame
 * that is none is dropped, since nothing from a webview is trusted.
 */
export class Connection {
  private readonly port: Port;
  private readonly pending = new Map<number, Pending>();
  private readonly running = new Map<number, AbortController>();
  private readonly events = new Map<string, Set<(body: unknown) => void>>();
  private handlers: Readonly<Record<string, (params: unknown, context: CallContext) => unknown>> = {};
  private nextId = 1;
  private closed: ErrorData | undefined;

  constructor(port: Port) {
    this.port = port;
    port.onFrame((frame) => {
      if (isFrame(frame)) this.receive(frame);
    });
    port.onClose((reason) => this.close({ code: 'engine-died', what: reason, todo: '', where: '', detail: '' }));
  }

  /** Answers calls of the other side. Methods not in `handlers` are answered with an error. */
  serve<T>(handlers: Handlers<T>): void {
    this.handlers = handlers as unknown as typeof this.handlers;
  }

  /** Calls a method of the other side. Aborting rejects at once with 'cancelled' and tells the other side to stop. */
  call(method: string, params: unknown, options: CallOptions = {}): Promise<unknown> {
    if (this.closed) return Promise.reject(CogscopeError.from(this.closed));
    if (options.signal?.aborted) return Promise.reject(new CogscopeError('cancelled', 'Cancelled'));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.pending.delete(id);
        reject(new CogscopeError('cancelled', 'Cancelled'));
        this.tell({ kind: 'cancel', id });
      };
      options.signal?.addEventListener('abort', abort, { once: true });
      this.pending.set(id, {
        resolve, reject, onProgress: options.onProgress,
        done: () => options.signal?.removeEventListener('abort', abort),
      });
      try {
        this.port.send({ kind: 'call', id, method, body: pack(params) });
      } catch (error) {
        this.settle(id, (call) => call.reject(CogscopeError.from(CogscopeError.describe(error))));
      }
    });
  }

  /** A typed view of the other side's API. */
  client<T>(): { call<K extends keyof T & string>(method: K, params: Params<T, K>, options?: CallOptions): Promise<Result<T, K>> } {
    return {
      call: async (method, params, options) => (await this.call(method, params, options)) as never,
    };
  }

  emit(method: string, body: unknown): void {
    if (!this.closed) this.port.send({ kind: 'event', method, body: pack(body) });
  }

  on(method: string, listener: (body: unknown) => void): () => void {
    const listeners = this.events.get(method) ?? new Set();
    this.events.set(method, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Rejects everything pending and stops everything running. */
  close(reason: ErrorData): void {
    if (this.closed) return;
    this.closed = reason;
    for (const call of this.pending.values()) {
      call.done();
      call.reject(CogscopeError.from(reason));
    }
    this.pending.clear();
    for (const controller of this.running.values()) controller.abort();
    this.running.clear();
  }

  private receive(frame: Frame): void {
    switch (frame.kind) {
      case 'call':
        void this.answer(frame.id, frame.method, frame.body);
        return;
      case 'cancel':
        this.running.get(frame.id)?.abort();
        return;
      case 'progress': {
        const body = readable(frame.body);
        if (body) this.pending.get(frame.id)?.onProgress?.(body.value);
        else this.giveUp(frame.id);
        return;
      }
      case 'event': {
        const body = readable(frame.body);
        if (body) for (const listener of this.events.get(frame.method) ?? []) listener(body.value);
        return;
      }
      case 'ok': {
        const body = readable(frame.body);
        this.settle(frame.id, (call) => (body ? call.resolve(body.value) : call.reject(damaged())));
        return;
      }
      case 'error':
        this.settle(frame.id, (call) => call.reject(CogscopeError.from(frame.error)));
        return;
      default:
        frame satisfies never;
    }
  }

  /** A call of which a part is lost is worth nothing: whoever waits is told at once, and the other side stops. */
  private giveUp(id: number): void {
    if (!this.pending.has(id)) return;
    this.settle(id, (call) => call.reject(damaged()));
    this.tell({ kind: 'cancel', id });
  }

  /** Sends where it makes no difference if the other side is gone: its end of the call goes with it. */
  private tell(frame: Frame): void {
    try {
      this.port.send(frame);
    } catch {
      // The port's close is on its way.
    }
  }

  private settle(id: number, settle: (call: Pending) => void): void {
    const call = this.pending.get(id);
    if (!call) return;
    this.pending.delete(id);
    call.done();
    settle(call);
  }

  private async answer(id: number, method: string, body: Packed): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    const send = (frame: Frame): void => {
      if (!this.closed) this.port.send(frame);
    };
    try {
      const handler = Object.hasOwn(this.handlers, method) ? this.handlers[method] : undefined;
      if (!handler) throw new CogscopeError('internal', `Nothing answers to "${method}"`);
      const result = await handler(unpack(body), {
        signal: controller.signal,
        progress: (progress) => send({ kind: 'progress', id, body: pack(progress) }),
      });
      send({ kind: 'ok', id, body: pack(result) });
    } catch (error) {
      if (!this.closed) this.tell({ kind: 'error', id, error: CogscopeError.describe(error) });
    } finally {
      this.running.delete(id);
    }
  }
}

const damaged = (): CogscopeError => new CogscopeError('internal', 'An answer arrived damaged', 'Reload the window');

/** What a body holds; undefined where it is damaged, so that whoever waits is told and nobody else is disturbed. */
function readable(body: Packed): { readonly value: unknown } | undefined {
  try {
    return { value: unpack(body) };
  } catch {
    return undefined;
  }
}
