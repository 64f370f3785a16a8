/** As a shell reads one word. */
export const quoted = (path: string): string => (/^[\w./\\:+-]+$/.test(path) ? path : `"${path.replaceAll('"', '\\"')}"`);
