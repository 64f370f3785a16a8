/** A panel's end of the transport, and the state that outlives a reload. */
import { Connection } from '../../src/shared/rpc/connection.ts';
import type { CallOptions, Handlers, Params, Result } from '../../src/shared/rpc/connection.ts';
import type { Frame, Port } from '../../src/shared/rpc/frames.ts';
import type { PanelEvents } from '../../src/shared/protocol/panelApi.ts';

/** What VS Code gives to every webview, once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const vscode = acquireVsCodeApi();

const port: Port = {
  send: (frame: Frame) => vscode.postMessage(frame),
  onFrame: (listener) => {
    const receive = (event: MessageEvent<unknown>): void => listener(event.data);
    window.addEventListener('message', receive);
    return () => window.removeEventListener('message', receive);
  },
  // A webview ends together with its connection.
  onClose: () => () => undefined,
};

export interface Host<T> {
  call<K extends keyof T & string>(method: K, params: Params<T, K>, options?: CallOptions): Promise<Result<T, K>>;
  on<K extends keyof PanelEvents & string>(event: K, listener: (body: PanelEvents[K]) => void): void;
}

/** The host as a panel sees it. Call once. */
export function connectHost<T>(): Host<T> {
  const connection = new Connection(port);
  connection.serve<Record<never, never>>({} satisfies Handlers<Record<never, never>>);
  const client = connection.client<T>();
  return {
    call: (method, params, options) => client.call(method, params, options),
    on: (event, listener) => void connection.on(event, (body) => listener(body as never)),
  };
}

/** The panel's kept state, read with care: it may stem from another version. */
export function keptState(): Readonly<Record<string, unknown>> {
  const state = vscode.getState();
  return typeof state === 'object' && state !== null ? { ...state } : {};
}

/** The host names the panel's model in the page; it is kept with every state, since a restored panel is told apart by nothing else. */
export function keepState(state: Readonly<Record<string, unknown>>): void {
  vscode.setState({ ...state, $model: document.body.dataset['model'] ?? '' });
}

keepState(keptState());
