/** This repository as an installed extension. */
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/**
 * Makes `extensions` a folder of installed extensions that holds this repository as one of them, by a link: the server build takes an
 * extension from its sources only together with its test driver, which hides notifications. The link is the extension's folder itself:
 * VS Code knows code by the real path of its extension's folder. With links further in it takes ours for nobody's, and drops the
 * numbers out of what is sent to a webview.
 */
export function linkExtension(extensions: string): void {
  const { publisher, name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Readonly<Record<string, string>>;
  rmSync(extensions, { recursive: true, force: true });
  mkdirSync(extensions, { recursive: true });
  symlinkSync(root, join(extensions, `${publisher}.${name}-${version}`), 'dir');
}
