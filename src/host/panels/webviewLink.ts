/** The host's end of the transport to one webview. */
import type * as vscode from 'vscode';
import type { PanelEvents } from '../../shared/protocol/panelApi.ts';
import { Connection } from '../../shared/rpc/connection.ts';
import type { CallContext, Handlers } from '../../shared/rpc/connection.ts';
import type { Frame } from '../../shared/rpc/frames.ts';
import { isFrame } from '../../shared/rpc/isFrame.ts';
import type { ParamChecks } from './params.ts';

type AnyHandler = (params: unknown, context: CallContext) => unknown;

/** Handlers whose parameters are what they are said to be. */
export function checked<T>(handlers: Handlers<T>, checks: ParamChecks<T>): Handlers<T> {
  const names = Object.keys(handlers) as (keyof T & string)[];
  const wrapped = names.map((name) => {
    const handler = handlers[name] as AnyHandler;
    return [name, (params: unknown, context: CallContext) => handler(checks[name](params, name), context)];
  });
  return Object.fromEntries(wrapped) as Handlers<T>;
}

/**
 * A page that is loaded anew, as when a hidden editor is shown again, begins its counting anew too: its first call, `ready`, gets a
 * new connection, and what the former page had asked for is cancelled.
 */
export class WebviewLink<T> implements vscode.Disposable {
  private readonly webview: vscode.Webview;
  private readonly handlers: Handlers<T>;
  private readonly subscription: vscode.Disposable;
  private connection: Connection | undefined;
  private receive: ((frame: unknown) => void) | undefined;
  private isDisposed = false;

  constructor(webview: vscode.Webview, handlers: Handlers<T>, checks: ParamChecks<T>) {
    this.webview = webview;
    this.handlers = checked(handlers, checks);
    this.subscription = webview.onDidReceiveMessage((message: unknown) => this.take(message));
  }

  /** Lost while there is no page; the next one asks for everything by `ready`. */
  emit<K extends keyof PanelEvents & string>(event: K, body: PanelEvents[K]): void {
    this.connection?.emit(event, body);
  }

  dispose(): void {
    this.isDisposed = true;
    this.subscription.dispose();
    this.hangUp();
  }

  private take(message: unknown): void {
    if (isFrame(message) && message.kind === 'call' && message.method === 'ready') this.connect();
    this.receive?.(message);
  }

  private connect(): void {
    this.hangUp();
    let isLive = true;
    const connection = new Connection({
      send: (frame: Frame) => {
        if (isLive && !this.isDisposed) void this.webview.postMessage(frame);
      },
      onFrame: (listener) => {
        this.receive = listener;
        return () => (this.receive = undefined);
      },
      onClose: () => () => undefined,
    });
    connection.serve(this.handlers);
    this.connection = connection;
    this.leave = () => (isLive = false);
  }

  private leave: () => void = () => undefined;

  private hangUp(): void {
    this.leave();
    this.connection?.close({ code: 'cancelled', what: 'The panel was closed', todo: '', where: '', detail: '' });
  }
}
