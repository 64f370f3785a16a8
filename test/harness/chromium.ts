import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Names that the browser goes by on a PATH. */
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge'];

/** Where it is installed when it is not on the PATH. */
function usualPlaces(): readonly string[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === 'win32') {
    const roots = [process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)'], process.env['LOCALAPPDATA']];
    const tails = ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];
    return roots.filter((root) => root !== undefined).flatMap((root) => tails.map((tail) => join(root, tail)));
  }
  return (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => COMMANDS.map((name) => join(folder, name)));
}

/** The executable of a Chromium-like browser: the one that COGSCOPE_CHROMIUM names, else one that is installed, else undefined. */
export function findChromium(): string | undefined {
  return process.env['COGSCOPE_CHROMIUM'] ?? usualPlaces().find((place) => existsSync(place));
}
