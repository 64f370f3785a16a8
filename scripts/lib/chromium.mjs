import { existsSync } from 'node:fs';
import { findChromium } from '../../test/harness/chromium.ts';
import { run } from './run.mjs';
import { Plain, step } from './steps.mjs';

const isRoot = process.getuid?.() === 0;
const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
const PACKAGES = ['chromium', 'fonts-dejavu'];

/** Finds a browser for the tests; as root on Debian it installs one, with a font to draw text in. */
export async function ensureChromium() {
  const canInstall = isRoot && existsSync('/etc/debian_version');
  if (canInstall && (findChromium() === undefined || !existsSync(FONT))) {
    await step('Chromium', `apt-get install ${PACKAGES.join(' ')}`, async () => {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await run('apt-get', ['update', '-q'], { env });
      await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...PACKAGES], { env });
    });
  }
  return step('Browser', 'looking for one', (done) => {
    const found = findChromium();
    if (found === undefined) throw new Plain('These tests need a browser: install Chromium, Chrome or Edge, or name its executable in COGSCOPE_CHROMIUM.');
    done(found);
    return found;
  });
}
