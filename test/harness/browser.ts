import { chromium, type Browser } from 'playwright-core';
import { findChromium } from './chromium.ts';

const NONE = 'No browser was found. Install Chromium, Chrome or Edge, or name its executable in COGSCOPE_CHROMIUM.';

/**
 * Starts a headless Chromium. Signals are left to the caller, which closes it in `finally` or `after`.
 * Text is drawn without subpixel hinting, so that screenshots of one machine resemble those of another.
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NONE);
  return chromium.launch({
    executablePath,
    headless: true,
    // Chromium refuses its sandbox to root; /dev/shm is small in containers.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-dev-shm-usage', '--font-render-hinting=none', '--hide-scrollbars'],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
