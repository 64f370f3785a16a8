/** Finds the line that an exporter recorded, in files that may lie elsewhere and may have changed since. Pure. */

const parts = (path: string): readonly string[] => path.replaceAll('\\', '/').split('/').filter((part) => part !== '' && part !== '.');

export const fileName = (path: string): string => parts(path).at(-1) ?? '';

/** How many names, from the last one on, two paths have in common. */
export function commonSuffix(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  const most = Math.min(left.length, right.length);
  let count = 0;
  while (count < most && left.at(-1 - count) === right.at(-1 - count)) count++;
  return count;
}

/** The candidate that shares the longest end with the recorded path; the first of several. None shares less than the file's name. */
export function closestPath(recorded: string, candidates: readonly string[]): string | undefined {
  let best: { readonly path: string; readonly shared: number } | undefined;
  for (const path of candidates) {
    const shared = commonSuffix(recorded, path);
    if (shared > (best?.shared ?? 0)) best = { path, shared };
  }
  return best?.path;
}

const spaceless = (code: string): string => code.replace(/\s+/g, ' ').trim();

/**
 * The line (from 0) that reads as recorded and is nearest to the recorded one (from 1); undefined where none does.
 * An exporter's record holds the first line of a statement, without its indentation.
 */
export function nearestLine(lines: readonly string[], line: number, code: string): number | undefined {
  const wanted = spaceless(code);
  if (wanted === '') return line >= 1 && line <= lines.length ? line - 1 : undefined;
  const found = lines.flatMap((text, index) => (spaceless(text) === wanted ? [index] : []));
  return found.sort((a, b) => Math.abs(a - (line - 1)) - Math.abs(b - (line - 1)))[0];
}

/** A glob for files of exactly this name; what means something in a glob is any character there, so results are to be compared. */
export const globFor = (name: string): string => `**/${name.replace(/[*?{}[\]()!]/g, '?')}`;
