/**
 * The engine of one model: started when something asks for it, again when it dies, ended when nobody has asked for a while, and when
 * a cancelled call does not return.
 */
import { EngineProcess } from '../../client/engineProcess.ts';
import type { EngineExit } from '../../client/engineProcess.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { EngineApi } from '../../shared/protocol/engineApi.ts';
import type { EngineState } from '../../shared/protocol/panelApi.ts';
import type { CallOptions, Params, Result } from '../../shared/rpc/connection.ts';
import type { ModelSummary } from '../../shared/summary.ts';
import { meantEnd, orCancelled } from './life.ts';
import type { Ending, Life, Reason } from './life.ts';
import { methodFacts, heaviest } from './methods.ts';
import type { EngineMethod } from './methods.ts';
import { obituary } from './obituary.ts';
import { decide, withDeath, withSuccess } from './restartPolicy.ts';
import type { Death } from './restartPolicy.ts';

export interface EngineOptions {
  /** The bundled engine, dist/engine.js. */
  readonly script: string;
  /** The model. */
  readonly path: string;
  /** Read at each start, as settings may change. */
  readonly threads: () => number;
  readonly tokenizer: () => string | null;
  /** How long an engine without work is kept, ms; 0: for ever. */
  readonly idleMs: () => number;
  readonly log: (text: string) => void;
}

export interface EngineListener {
  changed(state: EngineState): void;
  /** Before each reading of the model. */
  opening(): Promise<void>;
  opened(summary: ModelSummary): void;
  notOpened(error: ErrorData): void;
}

/** A native call cannot be stopped: the process is ended instead when it has not returned this long after a cancel. */
export const HARD_CANCEL_MS = 2000;
/** How much of what the engine wrote is kept for its obituary, characters. */
const TAIL = 4000;

const hasDied = (error: unknown): boolean => error instanceof CogscopeError && error.code === 'engine-died';

export class Engine {
  private readonly options: EngineOptions;
  private readonly listener: EngineListener;
  private phase: Exclude<EngineState, { readonly kind: 'busy' }> = { kind: 'stopped' };
  private life: Life | undefined;
  private deaths: readonly Death[] = [];
  private idle: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(options: EngineOptions, listener: EngineListener) {
    this.options = options;
    this.listener = listener;
  }

  get state(): EngineState {
    const work = this.phase.kind === 'ready' ? this.life?.calls.map((method) => methodFacts[method].present).find(Boolean) : undefined;
    return work === undefined ? this.phase : { kind: 'busy', what: work };
  }

  get pid(): number | undefined {
    return this.life?.process.pid;
  }

  /** Starts the engine and reads the model, unless that has happened. */
  open(): Promise<void> {
    return this.ready().then(() => undefined);
  }

  /** Calls a method, starting the engine when there is none. Rejects with what a person is told when the engine dies. */
  async call<K extends EngineMethod>(method: K, params: Params<EngineApi, K>, options: CallOptions = {}): Promise<Result<EngineApi, K>> {
    for (;;) {
      const life = await this.ready(options.signal);
      let wasHeard = false;
      const onProgress = (body: unknown): void => {
        wasHeard = true;
        options.onProgress?.(body);
      };
      try {
        return await this.callOn(life, method, params, { ...options, onProgress });
      } catch (error) {
        if (!hasDied(error)) throw error;
        const ending = await life.ended;
        if (!ending.again || wasHeard) throw CogscopeError.from(ending.error);
      }
    }
  }

  /** A new process, whatever the old one does; what went wrong before is forgotten. */
  async restart(): Promise<void> {
    if (this.isClosed) return;
    this.deaths = [];
    if (this.life) await this.end(this.life, 'restart');
    else this.start();
    await this.life?.opened.catch(() => undefined);
  }

  /** Ends the process where it has nothing to do; the next call starts another. */
  async rest(): Promise<void> {
    if (this.life?.isOpen && this.life.calls.length === 0) await this.end(this.life, 'idle');
  }

  /** Ends the process while it reads the model. */
  async cancelOpening(): Promise<void> {
    if (this.life && !this.life.isOpen) await this.end(this.life, 'cancelled opening');
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.idle);
    if (this.life) await this.end(this.life, 'closed');
  }

  private async callOn<K extends EngineMethod>(life: Life, method: K, params: Params<EngineApi, K>, options: CallOptions): Promise<Result<EngineApi, K>> {
    const cancelled = (): void => void this.expectQuiet(life);
    options.signal?.addEventListener('abort', cancelled, { once: true });
    clearTimeout(this.idle);
    life.calls.push(method);
    this.tellWork(method);
    try {
      const result = await life.process.call(method, params, options);
      if (methodFacts[method].needsTrust) this.deaths = withSuccess(this.deaths, method);
      return result;
    } catch (error) {
      // What an engine was doing when it died is read from its calls.
      if (hasDied(error)) await life.ended;
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', cancelled);
      if (this.life === life) {
        life.calls.splice(life.calls.indexOf(method), 1);
        this.tellWork(method);
        this.startIdling(life);
      }
    }
  }

  private tellWork(method: EngineMethod): void {
    if (methodFacts[method].present !== undefined) this.listener.changed(this.state);
  }

  private startIdling(life: Life): void {
    const ms = this.options.idleMs();
    clearTimeout(this.idle);
    if (ms > 0 && life.calls.length === 0) this.idle = setTimeout(() => void this.rest(), ms);
  }

  /** After a cancel: an engine whose loop still turns answers, one within a native call does not. */
  private async expectQuiet(life: Life): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), HARD_CANCEL_MS);
    });
    const quiet = life.process.call('status', {}).then(() => false, () => false);
    const isLate = await Promise.race([quiet, late]);
    clearTimeout(timer);
    if (isLate && this.life === life) await this.end(life, 'cancel');
  }

  /** The process with the model read. Waits for one that is started again; rejects where nothing will come. */
  private async ready(signal?: AbortSignal): Promise<Life> {
    for (;;) {
      if (this.isClosed) throw CogscopeError.from(meantEnd('closed'));
      if (this.phase.kind === 'failed') throw CogscopeError.from(this.phase.error);
      const life = this.life ?? this.start();
      try {
        await orCancelled(life.opened, signal);
        return life;
      } catch (error) {
        if (!hasDied(error)) throw error;
        const ending = await life.ended;
        if (life.reason === 'cancelled opening') throw CogscopeError.from(ending.error);
      }
    }
  }

  private start(): Life {
    const process = EngineProcess.start({
      script: this.options.script, threads: this.options.threads(),
      onOutput: (text) => {
        life.output = (life.output + text).slice(-TAIL);
        this.options.log(`engine ${process.pid}: ${text.trimEnd()}`);
      },
    });
    const life: Life = {
      process, isOpen: false, reason: undefined, calls: [], output: '',
      opened: this.listener.opening().then(() => this.read(life)),
      ended: process.exited.then((exit) => this.ended(life, exit)),
    };
    life.opened.catch(() => undefined); // Whoever waits is told; perhaps nobody does.
    this.life = life;
    this.options.log(`engine ${process.pid}: started for ${this.options.path}`);
    this.enter(this.phase.kind === 'restarting' ? this.phase : { kind: 'starting' });
    return life;
  }

  private async read(life: Life): Promise<void> {
    try {
      const summary = await life.process.call('open', { path: this.options.path, tokenizer: this.options.tokenizer() });
      life.isOpen = true;
      this.startIdling(life);
      this.enter({ kind: 'ready' });
      this.listener.opened(summary);
    } catch (error) {
      if (hasDied(error)) throw error;
      this.listener.notOpened(CogscopeError.describe(error));
      // Without a model there is nothing to do for it.
      await this.end(life, 'idle');
      throw error;
    }
  }

  private async end(life: Life, reason: Reason): Promise<void> {
    life.reason ??= reason;
    await life.process.end();
    await life.ended;
  }

  private ended(life: Life, exit: EngineExit): Ending {
    this.life = undefined;
    clearTimeout(this.idle);
    // A restart that was under way is not wanted any more.
    const reason = this.isClosed ? 'closed' : life.reason;
    if (reason === undefined) return this.died(life, exit);
    this.options.log(`engine ${life.process.pid}: ended (${reason})`);
    const error = meantEnd(reason);
    if (reason === 'cancelled opening') this.listener.notOpened(error);
    if (reason === 'cancel' || reason === 'restart') this.start();
    else this.enter({ kind: 'stopped' });
    return { error, again: reason === 'cancel' };
  }

  private died(life: Life, exit: EngineExit): Ending {
    const doing = life.isOpen ? heaviest(life.calls) : 'open';
    const error = obituary(exit, doing, life.output);
    this.deaths = withDeath(this.deaths, { at: performance.now(), doing });
    const decision = decide(this.deaths);
    this.options.log(`engine ${life.process.pid}: ${error.what}`);
    if (decision.kind === 'restart') {
      this.phase = { kind: 'restarting', attempt: decision.attempt, error };
      this.start();
    } else {
      this.enter({ kind: 'failed', error });
      if (!life.isOpen) this.listener.notOpened(error);
    }
    return { error, again: false };
  }

  private enter(phase: Engine['phase']): void {
    this.phase = phase;
    this.listener.changed(this.state);
  }
}
