import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { tools } from './paths.mjs';

const COMMANDS = ['code', 'code-insiders', 'codium'];

/** A window needs somewhere to be shown. */
export const hasDisplay = () => process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);

/** The program that the `code` command of an installation starts: found from where the command really is. */
function programOf(command) {
  const bin = dirname(realpathSync(command));
  return [
    join(bin, '../code'), // Linux: /usr/share/code/bin/code
    join(bin, '../codium'),
    join(bin, '../code-insiders'),
    join(bin, '../Code.exe'), // Windows
    join(bin, '../../../MacOS/Code'), // macOS: Contents/Resources/app/bin/code
    join(bin, '../../../MacOS/Electron'),
  ].find((place) => existsSync(place) && place !== realpathSync(command));
}

function usualPlaces() {
  if (process.platform === 'darwin') {
    const apps = ['/Applications', join(process.env.HOME ?? '', 'Applications')];
    return apps.flatMap((folder) => ['Code', 'Electron'].map((name) => join(folder, 'Visual Studio Code.app/Contents/MacOS', name)));
  }
  if (process.platform === 'win32') {
    const { LOCALAPPDATA = '', PROGRAMFILES = '' } = process.env;
    return [join(LOCALAPPDATA, 'Programs/Microsoft VS Code/Code.exe'), join(PROGRAMFILES, 'Microsoft VS Code/Code.exe')];
  }
  return ['/usr/share/code/code', '/usr/lib/code/code', '/opt/visual-studio-code/code', '/snap/code/current/usr/share/code/code', '/usr/share/codium/codium'];
}

/** The program of an installed desktop VS Code, or undefined. Not the command, which hands its window to another process and ends. */
export function findDesktop() {
  const names = process.platform === 'win32' ? COMMANDS.map((name) => `${name}.cmd`) : COMMANDS;
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const commands = onPath.filter((place) => existsSync(place));
  return commands.map(programOf).find(Boolean) ?? usualPlaces().find((place) => existsSync(place));
}

/**
 * The arguments that open a folder with the extension of this repository in a window and a profile of their own, so that the
 * program stays ours to end and nobody's settings are touched.
 */
export function desktopArguments({ extension, folder }) {
  const userData = join(tools, 'desktop-profile');
  const settings = join(userData, 'User/settings.json');
  if (!existsSync(settings)) {
    mkdirSync(dirname(settings), { recursive: true });
    // Whoever starts this repository's code has trusted it.
    writeFileSync(settings, JSON.stringify({ 'workbench.startupEditor': 'none', 'security.workspace.trust.enabled': false, 'update.mode': 'none' }, undefined, 2));
  }
  return [
    ...(process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    `--extensionDevelopmentPath=${extension}`,
    `--user-data-dir=${userData}`,
    `--extensions-dir=${join(tools, 'desktop-extensions')}`,
    '--skip-welcome',
    '--skip-release-notes',
    '--new-window',
    folder,
  ];
}

/** Opens an address in the person's own browser. False where that cannot be done. */
export function openInBrowser(url) {
  const commands = { darwin: ['open', url], win32: ['rundll32', 'url.dll,FileProtocolHandler', url] };
  const [program, ...args] = commands[process.platform] ?? ['xdg-open', url];
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
