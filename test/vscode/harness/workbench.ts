import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../../harness/browser.ts';
import { startServer, type Server } from './server.ts';

const root = join(import.meta.dirname, '../../..');
const screenshots = join(root, 'out/screenshots');

/** The ids of VS Code's own themes in the four kinds. */
export const THEMES = ['Dark Modern', 'Light Modern', 'Default High Contrast', 'Default High Contrast Light'] as const;

const THEME_CLASSES: Readonly<Record<(typeof THEMES)[number], string>> = {
  'Dark Modern': 'vs-dark',
  'Light Modern': 'vs',
  'Default High Contrast': 'hc-black',
  'Default High Contrast Light': 'hc-light',
};

export interface WorkbenchOptions {
  /** Opened as a copy of its own, so that a test may change it. */
  readonly folder: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly theme?: (typeof THEMES)[number];
  /** Open the folder in Restricted Mode, as for a person who has not trusted it. */
  readonly restricted?: boolean;
  /** The extension under test, from its sources; the repository itself without. `null` loads none. */
  readonly extension?: string | null;
  /** A folder of installed extensions. */
  readonly extensionsDir?: string;
  /** Environment of the server, and so of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  readonly size?: { readonly width: number; readonly height: number };
}

export interface Workbench {
  readonly page: Page;
  /** The copy of the folder that is open. */
  readonly folder: string;
  readonly server: Server;
  /** Runs a command from the palette by its full title, such as `Cogscope: Inspect Model`. */
  command(title: string): Promise<void>;
  /** A file or folder in the Explorer, by its path from the workspace's root; folders on the way are opened. */
  explorerItem(path: string): Promise<Locator>;
  /** Right-clicks a file in the Explorer and chooses an item of its menu. */
  explorerContextMenu(path: string, item: string): Promise<void>;
  /** Chooses an item of the menu that is open. */
  menuItem(item: string): Promise<void>;
  /** The inside of the visible webview that has an element for this selector. */
  webview(selector: string, timeout?: number): Promise<Frame>;
  setTheme(theme: (typeof THEMES)[number]): Promise<void>;
  /** The texts of all notifications, newest first. */
  notifications(): Promise<readonly string[]>;
  /** Kept as out/screenshots/NAME.png. */
  screenshot(name: string): Promise<void>;
  /** Waits until the window has written a value that holds all these texts: one in a browser does so when it is idle, and not when it goes. */
  written(...texts: readonly string[]): Promise<void>;
  /** Loads the window anew, and waits until it is restored. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** How long anything may take that takes a second on a machine with nothing else to do, ms. */
const PATIENCE = 60_000;

/** Resolves when `look`, each `pace` ms, finds something; rejects after `timeout` ms with `what` was waited for. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, timeout = PATIENCE, pace = 100): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`Waited ${timeout / 1000} s for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, pace));
  }
}

function copyOf(folder: string): { readonly path: string; remove(): void } {
  const scratch = mkdtempSync(join(tmpdir(), 'cogscope-workspace-'));
  const path = join(scratch, basename(folder));
  cpSync(folder, path, { recursive: true });
  return { path, remove: () => rmSync(scratch, { recursive: true, force: true }) };
}

interface Manifest {
  readonly contributes?: { readonly viewsContainers?: { readonly activitybar?: readonly { readonly title: string }[] } };
}

/** The title of the extension's first view container: once it is there, so are its menus, commands and editors. */
function containerTitle(extension: string): string | undefined {
  const manifest = readJson(join(extension, 'package.json')) as Manifest;
  const title = manifest.contributes?.viewsContainers?.activitybar?.[0]?.title;
  if (title === undefined || !title.startsWith('%')) return title;
  return readJson(join(extension, 'package.nls.json'))[title.slice(1, -1)] as string | undefined;
}

/** Waits for a window that has come to rest: earlier, a click opens a model as text. */
async function restored(page: Page, container: string | undefined): Promise<void> {
  await page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });
  if (container !== undefined) await page.locator('.activitybar').getByRole('tab', { name: container }).waitFor({ timeout: 60_000 });
  await page.evaluate(() => (window as unknown as { driver: { whenWorkbenchRestored(): Promise<void> } }).driver.whenWorkbenchRestored());
}

/** Opens a folder in a real VS Code with the extension running, in a headless browser. Close it in `after` or `finally`. */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const copy = copyOf(options.folder);
  const folder = copy.path;
  let server: Server | undefined;
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server?.stop();
    copy.remove();
  };
  try {
    server = await startServer({
      settings: { 'workbench.colorTheme': options.theme ?? 'Dark Modern', ...options.settings },
      smokeDriver: true,
      restricted: options.restricted ?? false,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.extensionsDir === undefined ? {} : { extensionsDir: options.extensionsDir }),
    });
    browser = await launchBrowser();
    const context = await browser.newContext({ viewport: options.size ?? { width: 1400, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const payload: (readonly [string, string])[] = [['skipWelcome', 'true'], ['skipReleaseNotes', 'true']];
    const extension = options.extension === undefined ? root : options.extension;
    if (extension !== null) payload.push(['extensionDevelopmentPath', server.remote(extension)]);
    await page.goto(server.url(folder, payload));
    const container = extension === null ? undefined : containerTitle(extension);
    await restored(page, container);
    return { page, folder, server, close, ...actions(page, folder, () => restored(page, container)) };
  } catch (error) {
    await close();
    throw error;
  }
}

type Actions = Omit<Workbench, 'page' | 'folder' | 'server' | 'close'>;

function actions(page: Page, folder: string, settled: () => Promise<void>): Actions {
  const explorerItem = async (path: string): Promise<Locator> => {
    const parts = path.split('/');
    const at = (name: string, level: number): Locator =>
      page.locator(`.explorer-folders-view .monaco-list-row[aria-level="${level}"]`).filter({ has: page.getByText(name, { exact: true }) }).first();
    for (const [index, name] of parts.slice(0, -1).entries()) {
      const row = at(name, index + 1);
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    }
    const item = at(parts.at(-1) ?? path, parts.length);
    await item.waitFor();
    return item;
  };

  /** The palette closes when an editor takes the focus, as one that has just been opened does. */
  const command = async (title: string): Promise<void> => {
    const input = page.locator('.quick-input-widget input').first();
    const row = page.locator('.quick-input-list .monaco-list-row').filter({ has: page.getByText(title, { exact: true }) }).first();
    await until(`the palette to run ${title}`, async () => {
      await page.keyboard.press('F1');
      try {
        await input.fill(`>${title}`, { timeout: 5000 });
        await row.click({ timeout: 5000 });
        return true;
      } catch {
        return undefined;
      }
    });
  };

  /** A menu takes no click in its first 100 ms, so that the one which opened it does not choose anything. */
  const menuItem = async (item: string): Promise<void> => {
    const entry = page.getByRole('menuitem', { name: item, exact: true });
    await entry.waitFor();
    await until(`the menu to take a click on ${item}`, async () => {
      await entry.click({ timeout: 2000 }).catch(() => undefined); // It may have gone with the click before.
      return (await entry.isVisible()) ? undefined : true;
    });
  };

  return {
    command,
    explorerItem,
    menuItem,
    async explorerContextMenu(path, item) {
      await (await explorerItem(path)).click({ button: 'right' });
      await menuItem(item);
    },
    webview: (selector, timeout = PATIENCE) =>
      until(`a webview with ${selector}`, async () => {
        for (const frame of page.frames()) {
          if (!frame.url().includes('fake.html')) continue;
          // A frame may go while it is looked at.
          if (await frame.locator(selector).first().isVisible().catch(() => false)) return frame;
        }
        return undefined;
      }, timeout),
    async setTheme(theme) {
      const file = join(folder, '.vscode/settings.json');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify({ ...readJson(file), 'workbench.colorTheme': theme }));
      await page.locator(`.monaco-workbench.${THEME_CLASSES[theme]}`).waitFor();
      await until(`every webview in ${theme}`, async () => {
        const ids = await Promise.all(page.frames().filter((frame) => frame.url().includes('fake.html')).map((frame) => frame.locator('body').getAttribute('data-vscode-theme-id', { timeout: 1000 }).catch(() => null)));
        return ids.every((id) => id === null || id === theme) ? true : undefined;
      });
    },
    async notifications() {
      const bell = page.locator('.statusbar-item').filter({ has: page.locator('.codicon-bell, .codicon-bell-dot, .codicon-bell-slash') }).first();
      await bell.click();
      const center = page.locator('.notifications-center');
      await center.waitFor();
      const texts = await center.locator('.notification-list-item-message').allInnerTexts();
      await page.keyboard.press('Escape');
      await bell.click({ trial: true });
      if (await center.isVisible()) await bell.click();
      return texts;
    },
    async screenshot(name) {
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `${name}.png`) });
    },
    async written(...texts) {
      const look = async (): Promise<true | undefined> => ((await page.evaluate(hasWritten, texts)) ? true : undefined);
      await until(`${texts.join(' and ')} in the window’s state`, look, PATIENCE, 1000);
    },
    async reload() {
      await page.reload();
      await settled();
    },
  };
}

/** Runs in the page: whether one of the values that the window has written of itself holds all these texts. */
async function hasWritten(texts: readonly string[]): Promise<boolean> {
  const values = (await indexedDB.databases()).filter(({ name }) => name?.startsWith('vscode-web-state-db')).map(({ name = '' }) =>
    new Promise<readonly unknown[]>((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onerror = () => reject(new Error(`${name} cannot be opened`));
      opening.onsuccess = () => {
        const [store = ''] = opening.result.objectStoreNames;
        const reading = opening.result.transaction(store, 'readonly').objectStore(store).getAll();
        reading.onsuccess = () => {
          opening.result.close();
          resolve(reading.result);
        };
      };
    }));
  return (await Promise.all(values)).flat().some((value) => typeof value === 'string' && texts.every((text) => value.includes(text)));
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {}; // There is none yet.
  }
}
