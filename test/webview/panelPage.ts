/** The page around a panel's bundle, as VS Code's webview makes it: policy, default styles, theme, and the one function it adds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

export const THEMES = ['Dark Modern', 'Light Modern', 'Default High Contrast', 'Default High Contrast Light'] as const;
export type Theme = (typeof THEMES)[number];

interface ThemeData {
  readonly attributes: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

const dumped = JSON.parse(readFileSync(join(import.meta.dirname, 'themes.json'), 'utf8')) as {
  /** The style sheet that every webview begins with. */
  readonly defaults: string;
  readonly themes: Readonly<Record<Theme, ThemeData>>;
};

const NONCE = 'cogscope';
const ORIGIN = 'https://panel.test';

/**
 * The host's page: styles come from our files, or carry the nonce, which the toolkit takes from the meta element for its one style
 * element (by which it tests for :focus-visible). One script before the panel's does what the webview's own preload does.
 */
export function pageHtml(name: string, theme: Theme): string {
  const policy = `default-src 'none'; script-src 'nonce-${NONCE}'; style-src ${ORIGIN} 'nonce-${NONCE}'; font-src ${ORIGIN}; img-src ${ORIGIN} data:`;
  const preload = `
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(${JSON.stringify(dumped.defaults)});
    document.adoptedStyleSheets = [sheet];
    (${applyTheme.toString()})(${JSON.stringify(dumped.themes[theme])});`;
  return `<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><meta http-equiv="Content-Security-Policy" content="${policy}">`
    + `<meta property="csp-nonce" content="${NONCE}"><link rel="icon" href="data:,"><link rel="stylesheet" href="${name}.css"><title>${name}</title></head>`
    + `<body data-panel="${name}"><script nonce="${NONCE}">${preload}</script><main id="root"></main><script nonce="${NONCE}" src="${name}.js"></script></body></html>`;
}

/** Runs in the page. */
function applyTheme({ attributes, variables }: ThemeData): void {
  const { style } = document.documentElement;
  for (const name of Array.from(style)) style.removeProperty(name);
  for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
  for (const [name, value] of Object.entries(attributes)) document.body.setAttribute(name, value);
}

export const setPageTheme = (page: Page, theme: Theme): Promise<void> => page.evaluate(applyTheme, dumped.themes[theme]);

/** Answers the page's address with the page, and everything beside it from the folder of bundles. */
export async function servePanel(page: Page, html: string, folder: string): Promise<void> {
  const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', map: 'application/json' };
  await page.route(`${ORIGIN}/**`, async (route) => {
    const file = new URL(route.request().url()).pathname.slice(1);
    const type = types[file.split('.').at(-1) ?? ''];
    if (file === '') await route.fulfill({ body: html, contentType: 'text/html' });
    else if (type !== undefined) await route.fulfill({ body: readFileSync(join(folder, file)), contentType: type });
    else await route.fulfill({ status: 404 });
  });
}

/** acquireVsCodeApi, and the way in for frames. Its state outlives a reload, as an editor's does. */
export async function installStandIn(page: Page, state: unknown): Promise<void> {
  await page.addInitScript((kept: string | null) => {
    if (kept !== null && sessionStorage.getItem('state') === null) sessionStorage.setItem('state', kept);
    const toBase64 = (buffer: ArrayBuffer): string => {
      let text = '';
      for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
      return btoa(text);
    };
    let acquired = false;
    Object.assign(window, {
      acquireVsCodeApi: () => {
        if (acquired) throw new Error('An instance of the VS Code API has already been acquired');
        acquired = true;
        return {
          postMessage: (message: unknown) => {
            const text = JSON.stringify(message, (_, value: unknown) => (value instanceof ArrayBuffer ? { $buffer: toBase64(value) } : value));
            void (window as unknown as { cogscopeSend(text: string): Promise<void> }).cogscopeSend(text);
          },
          getState: (): unknown => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
          setState: (next: unknown) => sessionStorage.setItem('state', JSON.stringify(next)),
        };
      },
      cogscopeReceive: (text: string) => {
        const frame: unknown = JSON.parse(text, (_, value: unknown) => {
          const buffer = (value as { readonly $buffer?: string } | null)?.$buffer;
          return typeof buffer === 'string' ? Uint8Array.from(atob(buffer), (letter) => letter.charCodeAt(0)).buffer : value;
        });
        window.postMessage(frame, '*');
      },
    });
  }, state === undefined ? null : JSON.stringify(state));
}
