import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Programs that the scripts fetch for themselves. Never committed. */
export const tools = join(root, '.tools');

/** What a run leaves behind to be looked at: logs, screenshots, results. Never committed. */
export const out = join(root, 'out');
