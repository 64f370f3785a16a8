/** Which of a workspace's files is the one that an exporter recorded, perhaps on another machine. Pure. */
import type { SourceLine } from '../../shared/summary.ts';
import { alignLines, textLines } from './align.ts';

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

/** A glob for files of exactly this name; what means something in a glob is any character there, so results are to be compared. */
export const globFor = (name: string): string => `**/${name.replace(/[*?{}[\]()!]/g, '?')}`;

/** Whether it was recorded as part of an installed package. */
export const isInstalled = (path: string): boolean => parts(path).some((part) => part === 'site-packages' || part === 'dist-packages');

export interface NamedPath {
  readonly path: string;
  /** It lies where the recorded file lay: in a folder of the same name, or beside the model. */
  readonly inPlace: boolean;
}

/** The paths that end most like the recorded one first, of those the ones beside the model; paths that do not share its file's name are left out. */
export function rankedPaths(recorded: string, candidates: readonly string[], modelFolder: string): readonly NamedPath[] {
  const isBeside = (path: string): boolean => path.slice(0, path.lastIndexOf('/')) === modelFolder;
  return candidates
    .map((path) => ({ path, shared: commonSuffix(recorded, path), beside: isBeside(path) }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared || Number(b.beside) - Number(a.beside))
    .map(({ path, shared, beside }) => ({ path, inPlace: shared > 1 || beside }));
}

/** What share of the recorded lines a file must have to be taken for theirs where it lies. */
export const ENOUGH = 0.5;

/**
 * How well a file fits: by its lines, and by its name, since a file that was edited in place has fewer of the lines than a copy that was made before.
 * A file of the same name elsewhere may be another model's, much of whose code reads alike.
 */
export const fitOf = (share: number, named: { readonly inPlace: boolean } | undefined): number => share + (named === undefined ? 0 : named.inPlace ? 0.5 : 0.25);

/** How many lines with a text a renamed file must have, so that a file is not taken for another by one common line. */
const FEWEST = 3;

/** What share of the recorded lines a text has, 0 to 1. */
export const shareOf = (text: string, recorded: readonly SourceLine[]): number =>
  (recorded.length === 0 ? 0 : alignLines(recorded, textLines(text)).size / recorded.length);

/** The recorded lines by which a file with another name can be told; none where they are too few. */
export function tellingLines(recorded: readonly SourceLine[]): readonly SourceLine[] {
  const told = recorded.filter(({ code }) => code !== '');
  return told.length < FEWEST ? [] : told;
}
