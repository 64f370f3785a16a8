/**
 * Stands in for the desktop program that @vscode/test-electron starts: takes its arguments, runs the extension's tests in the server
 * build with a headless browser as the window, and ends with the tests' exit code.
 */
import { format } from 'node:util';
import { launchBrowser } from '../../harness/browser.ts';
import { startServer, type Server } from './server.ts';
import type { Browser } from 'playwright-core';

const argument = (name: string): string => {
  const found = process.argv.find((text) => text.startsWith(`--${name}=`));
  if (found === undefined) throw new Error(`--${name}= is missing`);
  return found.slice(name.length + 3);
};

const folder = process.argv.slice(2).find((text) => !text.startsWith('--'));
if (folder === undefined) throw new Error('There is no folder among the arguments.');

let server: Server | undefined;
let browser: Browser | undefined;

async function end(code: number): Promise<never> {
  await browser?.close();
  await server?.stop();
  process.exit(code);
}
process.once('SIGINT', () => void end(130));
process.once('SIGTERM', () => void end(143));

async function main(): Promise<number> {
  server = await startServer({ smokeDriver: true, oneShot: true });
  browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const exit = new Promise<number>((resolve, reject) => {
    void page.exposeFunction('codeAutomationLog', (type: string, args: readonly unknown[]) => console.log(`[${type}] ${format(...args)}`));
    void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
    page.once('crash', () => reject(new Error('The page of the workbench crashed.')));
    browser?.once('disconnected', () => reject(new Error('The browser ended before the tests did.')));
  });
  await page.goto(
    server.url(folder ?? '', [
      ['extensionDevelopmentPath', server.remote(argument('extensionDevelopmentPath'))],
      ['extensionTestsPath', server.remote(argument('extensionTestsPath'))],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
      ['disableExtensions', 'true'],
    ]),
  );
  const code = await exit;
  // The workbench also says 0 when the extension host dies; the server knows better. It says so only once the window has gone.
  await page.close();
  const host = await server.printed(/Extension Host Process exited with code: (\S+), signal: (\S+?)[,.]?\s/, 20_000);
  if (code === 0 && (host[1] !== '0' || host[2] !== 'null')) throw new Error(`The extension host did not end well: ${host[0].trim()}`);
  return code;
}

try {
  await end(await main());
} catch (error) {
  console.error(error);
  if (server !== undefined) console.error(server.log().slice(-4000));
  await end(1);
}
