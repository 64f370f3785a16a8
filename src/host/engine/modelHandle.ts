/** One open model, as every view of it sees it: what was read, what its engine is doing, whether the file is still the same. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import { percent } from '../../shared/format.ts';
import type { NeuronIndexProgress } from '../../shared/neurons/build.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { EngineApi, RunProgress } from '../../shared/protocol/engineApi.ts';
import type { ModelState, PanelModel } from '../../shared/protocol/panelApi.ts';
import type { CallOptions, Params, Result } from '../../shared/rpc/connection.ts';
import { settingsFor } from '../settings.ts';
import { Engine } from './engine.ts';
import { FileWatch } from './fileWatch.ts';
import { whyNoFile } from './location.ts';
import { methodFacts } from './methods.ts';
import type { EngineMethod } from './methods.ts';

export interface HandleServices {
  /** The bundled engine, dist/engine.js. */
  readonly script: string;
  readonly log: vscode.LogOutputChannel;
}

export class ModelHandle implements vscode.Disposable {
  readonly uri: vscode.Uri;
  readonly title: string;
  private readonly engine: Engine | undefined;
  private readonly watch: FileWatch | undefined;
  private readonly changedEmitter = new vscode.EventEmitter<PanelModel>();
  private readonly activityEmitter = new vscode.EventEmitter<string>();
  private readonly disposables: vscode.Disposable[] = [this.changedEmitter, this.activityEmitter];
  private readonly running = new Set<AbortController>();
  private state: ModelState = { kind: 'loading' };
  private differs = false;
  private progress = '';

  /** Each time what panels show has changed. */
  readonly onDidChange = this.changedEmitter.event;
  /** Each step of what the engine is doing. */
  readonly onDidProgress = this.activityEmitter.event;

  constructor(uri: vscode.Uri, services: HandleServices) {
    this.uri = uri;
    this.title = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    const refusal = whyNoFile(uri.scheme);
    if (refusal) {
      this.state = { kind: 'error', error: refusal };
      return;
    }
    this.watch = new FileWatch(uri.fsPath, (differs) => this.setDiffers(differs));
    this.engine = this.makeEngine(services);
    this.disposables.push(this.watch, vscode.workspace.onDidGrantWorkspaceTrust(() => this.tell()));
    void this.engine.open().catch(() => undefined); // The state says it.
  }

  get model(): PanelModel {
    return {
      title: this.title, uri: this.uri.toString(), state: this.state, engine: this.engine?.state ?? { kind: 'stopped' },
      trusted: vscode.workspace.isTrusted, changed: this.differs, checksItself: checksItself(this.uri, this.state),
    };
  }

  get pid(): number | undefined {
    return this.engine?.pid;
  }

  /** "layer 3 of 12", "12.4%", or empty. */
  get activity(): string {
    return this.progress;
  }

  /** Resolves when the model is read or has failed. */
  async settled(): Promise<PanelModel> {
    while (this.state.kind === 'loading') await next(this.onDidChange);
    return this.model;
  }

  /** Calls a method of the model's engine. Rejects with 'untrusted' where it would run the model in a workspace that is not trusted. */
  async call<K extends EngineMethod>(method: K, params: Params<EngineApi, K>, options: CallOptions = {}): Promise<Result<EngineApi, K>> {
    if (!this.engine) throw CogscopeError.from(this.state.kind === 'error' ? this.state.error : nothing);
    if (methodFacts[method].needsTrust) requireTrust();
    const controller = new AbortController();
    this.running.add(controller);
    const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
    const onProgress = (body: unknown): void => {
      if (method === 'run') this.follow(body as RunProgress);
      if (method === 'indexNeurons') this.followIndex(body as NeuronIndexProgress);
      options.onProgress?.(body);
    };
    try {
      return await this.engine.call(method, params, { signal, onProgress });
    } catch (error) {
      if (error instanceof CogscopeError && error.code === 'changed') this.setDiffers(true);
      throw error;
    } finally {
      this.running.delete(controller);
      this.setProgress('');
    }
  }

  /** Reads the file as it is now, in a new process: sessions of the old one may lie over bytes that are gone. */
  async reload(): Promise<void> {
    await this.engine?.restart();
  }

  async restart(): Promise<void> {
    await this.engine?.restart();
  }

  /** Stops whatever is being computed or read. */
  cancel(): void {
    for (const controller of this.running) controller.abort();
    void this.engine?.cancelOpening();
  }

  /** Lets the engine go where it has nothing to do, so that the next one starts with today's settings. */
  async rest(): Promise<void> {
    await this.engine?.rest();
  }

  /** Is the file still the one that was opened? */
  async look(): Promise<void> {
    await this.watch?.look();
  }

  /** Ends the engine. */
  async close(): Promise<void> {
    for (const disposable of this.disposables.splice(0)) disposable.dispose();
    await this.engine?.close();
  }

  dispose(): void {
    void this.close();
  }

  private makeEngine({ script, log }: HandleServices): Engine {
    const settings = (): ReturnType<typeof settingsFor> => settingsFor(this.uri);
    return new Engine(
      {
        script, path: this.uri.fsPath, log: (text) => log.info(text),
        threads: () => settings().threads, tokenizer: () => settings().tokenizer, idleMs: () => settings().idleMs,
      },
      {
        changed: () => this.tell(),
        opening: async () => this.watch?.remember(),
        opened: (summary) => {
          void this.watch?.rememberData(summary.model.dataFiles ?? []);
          this.setState({ kind: 'open', summary });
        },
        // A model that was read once stays on show when only the engine cannot be started again.
        notOpened: (error: ErrorData) => (error.code === 'engine-died' && this.state.kind === 'open' ? this.tell() : this.setState({ kind: 'error', error })),
      },
    );
  }

  private follow(body: RunProgress): void {
    const last = body.kind === 'stage' ? body.layers.at(-1) : undefined;
    if (!last || this.state.kind !== 'open') return;
    const tower = this.state.summary.towers.find(({ name }) => last.tower.startsWith(name));
    this.setProgress(`layer ${last.layer + 1} of ${tower?.layers ?? '?'}`);
  }

  private followIndex(body: NeuronIndexProgress): void {
    if (body.kind === 'tokens' && body.of > 0) this.setProgress(percent(body.tokens / body.of));
  }

  private setProgress(progress: string): void {
    if (this.progress === progress) return;
    this.progress = progress;
    this.activityEmitter.fire(progress);
  }

  private setState(state: ModelState): void {
    this.state = state;
    this.tell();
  }

  private setDiffers(differs: boolean): void {
    if (this.differs === differs) return;
    this.differs = differs;
    this.tell();
  }

  private tell(): void {
    this.changedEmitter.fire(this.model);
  }
}

/** Throws 'untrusted' where a model may not be run. */
export function requireTrust(): void {
  if (!vscode.workspace.isTrusted) throw new CogscopeError('untrusted', 'Running a model gives its bytes to native code, which needs a trusted workspace', 'Trust this workspace to run it');
}

/** A check runs the model several times over: by itself only where that takes a moment. */
function checksItself(uri: vscode.Uri, state: ModelState): boolean {
  if (state.kind !== 'open') return false;
  const { bytes, externalBytes } = state.summary.model;
  return bytes + externalBytes <= settingsFor(uri).checkUpToBytes;
}

function next<T>(event: vscode.Event<T>): Promise<T> {
  return new Promise((resolve) => {
    const subscription = event((value) => {
      subscription.dispose();
      resolve(value);
    });
  });
}

const nothing: ErrorData = { code: 'internal', what: 'There is no engine for this model', todo: '', where: '', detail: '' };
