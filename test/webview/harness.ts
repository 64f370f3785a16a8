/**
 * A panel's built bundle in Chromium, under the content security policy and with the styles that VS Code gives it, talking over
 * the real transport to handlers in this process: by default the real engine, open on a fixture.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { PanelEvents, PanelModel } from '../../src/shared/protocol/panelApi.ts';
import { Connection } from '../../src/shared/rpc/connection.ts';
import type { CallContext, Handlers } from '../../src/shared/rpc/connection.ts';
import { launchBrowser } from '../harness/browser.ts';
import { decodeFrame, encodeFrame } from './frameJson.ts';
import { panelHost } from './panelHost.ts';
import type { HostOptions, PanelHostApi } from './panelHost.ts';
import { installStandIn, pageHtml, servePanel, setPageTheme } from './panelPage.ts';
import type { Theme } from './panelPage.ts';

export { THEMES } from './panelPage.ts';
export type { Theme } from './panelPage.ts';
export type { PanelHostApi } from './panelHost.ts';

const root = join(import.meta.dirname, '../..');
const screenshots = join(root, 'out/screenshots');

export interface PanelOptions extends Omit<HostOptions, 'path'> {
  /** A fixture's name, or the path of a model; null: there is none, and `host` says what the panel is told. */
  readonly model: string | null;
  readonly theme?: Theme;
  readonly size?: { readonly width: number; readonly height: number };
  /** Kept state of an earlier panel. */
  readonly state?: unknown;
}

export interface Call {
  readonly method: string;
  readonly params: unknown;
}

export interface Panel {
  readonly page: Page;
  /** Every call that the panel made, in order. */
  readonly calls: readonly Call[];
  /** Parameters of the calls of one method. */
  callsOf(method: keyof PanelHostApi): readonly unknown[];
  /** Resolves once the panel has been told all that it was sent, has drawn it, and all that it said until then is here: a call comes a moment after the click that made it. */
  heard(): Promise<void>;
  /** What the host says of the model just now. */
  model(): PanelModel;
  /** Tells the panel that the model's state changed, as the host does. */
  update(change: Partial<PanelModel>): void;
  emit<K extends keyof PanelEvents & string>(event: K, body: PanelEvents[K]): void;
  setTheme(theme: Theme): Promise<void>;
  /** The kept state, as getState would return it. */
  keptState(): Promise<unknown>;
  /** Loads the page anew with the state that was kept; the host keeps its own. */
  reload(): Promise<void>;
  /** Kept as out/screenshots/webview-NAME.png. `fullPage` takes what lies below the fold too. */
  screenshot(name: string, options?: { readonly fullPage?: boolean }): Promise<void>;
  /** Errors of the page: exceptions, and what the content security policy blocked. A test that ends well has none. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

const fixturePath = (model: string): string => (model.endsWith('.onnx') ? model : join(root, 'test/fixtures/models', model, 'model.onnx'));

let browser: Promise<Browser> | undefined;

/** Ends the browser that all panels of a file share; call in `after`. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

export async function openPanel(name: 'overview' | 'attention' | 'patching' | 'neurons' | 'lens', options: PanelOptions): Promise<Panel> {
  const host = await panelHost({ ...options, path: options.model === null ? null : fixturePath(options.model) });
  browser ??= launchBrowser();
  const context = await (await browser).newContext({ viewport: options.size ?? { width: 900, height: 800 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const problems = watchProblems(page);
  const calls: Call[] = [];
  const link = await linkTo(page, recorded(host.handlers, calls));
  await installStandIn(page, options.state);
  await servePanel(page, pageHtml(name, options.theme ?? 'Dark Modern'), join(root, 'dist/webview'));
  link.connect();
  await page.goto('https://panel.test/');
  return {
    page, calls, problems,
    callsOf: (method) => calls.filter((call) => call.method === method).map((call) => call.params),
    heard: async () => {
      await link.told();
      await page.evaluate(async () => {
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        // No frame of the protocol, and so dropped; but behind all that were sent.
        await (window as unknown as { cogscopeSend(frame: string): Promise<void> }).cogscopeSend('null');
      });
    },
    model: () => host.change({}),
    update: (change) => link.emit('model', host.change(change)),
    emit: (event, body) => link.emit(event, body),
    setTheme: (theme) => setPageTheme(page, theme),
    keptState: () => page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown),
    reload: async () => {
      link.connect();
      await page.reload();
    },
    screenshot: async (file, { fullPage = false } = {}) => {
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `webview-${file}.png`), fullPage });
    },
    close: () => context.close(),
  };
}

function watchProblems(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  return problems;
}

interface Link {
  /** A new connection for a page that is loaded anew; what was running for the old one is cancelled. */
  connect(): void;
  emit(event: string, body: unknown): void;
  /** Resolves once everything that was sent until now has reached the page. */
  told(): Promise<void>;
}

async function linkTo(page: Page, handlers: Handlers<PanelHostApi>): Promise<Link> {
  let connection: Connection | undefined;
  let sent = Promise.resolve();
  let receive: (frame: unknown) => void = () => undefined;
  await page.exposeBinding('cogscopeSend', (_, frame: string) => receive(decodeFrame(frame)));
  return {
    connect: () => {
      connection?.close({ code: 'cancelled', what: 'The page was left', todo: '', where: '', detail: '' });
      const mine: Connection = connection = new Connection({
        send: (frame) => {
          const text = encodeFrame(frame);
          // What was meant for a page that was left is not for the next.
          const post = async (): Promise<void> => (mine === connection ? page.evaluate((json) => (window as unknown as { cogscopeReceive(json: string): void }).cogscopeReceive(json), text) : undefined);
          // One after the other, as postMessage keeps order. The page may go while something is on its way to it.
          sent = sent.then(post).catch(() => undefined);
        },
        onFrame: (listener) => {
          receive = listener;
          return () => undefined;
        },
        onClose: () => () => undefined,
      });
      connection.serve(handlers);
    },
    emit: (event, body) => connection?.emit(event, body),
    told: () => sent,
  };
}

/** The same handlers, writing down each call before it is answered. */
function recorded(handlers: Handlers<PanelHostApi>, calls: Call[]): Handlers<PanelHostApi> {
  type Handler = (params: unknown, context: CallContext) => unknown;
  const entries = Object.entries(handlers as unknown as Readonly<Record<string, Handler>>);
  return Object.fromEntries(entries.map(([method, handler]) => [method, (params: unknown, context: CallContext) => {
    calls.push({ method, params });
    return handler(params, context);
  }])) as unknown as Handlers<PanelHostApi>;
}
