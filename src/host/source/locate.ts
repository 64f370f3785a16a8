/** Finds the file that an exporter recorded among those of the workspace. Nothing outside of it is looked at: a model file names what it likes. */
import * as vscode from 'vscode';
import type { NamedModule } from '../../shared/sourceMap.ts';
import type { SourceLine } from '../../shared/summary.ts';
import { textLines } from './align.ts';
import { resolvedIn } from './guess.ts';
import { ENOUGH, fileName, fitOf, globFor, isInstalled, rankedPaths, shareOf, tellingLines } from './match.ts';
import type { NamedPath } from './match.ts';

const MOST_CANDIDATES = 200;
/** Files whose texts are compared, for one that has its name still and for one that was renamed. */
const MOST_READ = 5;
const MOST_RENAMED = 200;
/** No model is written in a larger file. */
const MOST_BYTES = 2 << 20;

const NEVER_SOURCES = 'node_modules,.git,__pycache__';
const NOT_SOURCES = `**/{${NEVER_SOURCES},.venv,venv,site-packages}/**`;
const NOT_INSTALLED = `**/{${NEVER_SOURCES}}/**`;

export interface LocatedFile {
  readonly uri: vscode.Uri;
  /** It has another name than the recorded one, and its lines. */
  readonly renamed: boolean;
}

/** `recorded` are all recorded lines of the file, of one model. Undefined where the workspace has no such file. */
export async function locateSource(model: vscode.Uri, file: string, recorded: readonly SourceLine[]): Promise<LocatedFile | undefined> {
  const name = fileName(file);
  if (name === '') return undefined;
  const folder = vscode.Uri.joinPath(model, '..');
  const beside = vscode.Uri.joinPath(folder, name);
  const found = [beside, ...(await vscode.workspace.findFiles(globFor(name), isInstalled(file) ? NOT_INSTALLED : NOT_SOURCES, MOST_CANDIDATES))];
  const ranked = rankedPaths(file, [...new Set(found.map(({ path }) => path))], folder.path).slice(0, MOST_READ);
  const named = await bestOf(ranked.map((one) => ({ uri: beside.with({ path: one.path }), named: one })), recorded);
  if (named && (isInstalled(file) || (named.named?.inPlace && named.share >= ENOUGH))) return { uri: named.uri, renamed: false };
  const telling = isInstalled(file) ? [] : tellingLines(recorded);
  const others = telling.length === 0 ? [] : await vscode.workspace.findFiles('**/*.py', NOT_SOURCES, MOST_RENAMED);
  const other = await bestOf(others.filter((uri) => fileName(uri.path) !== name).map((uri) => ({ uri, named: undefined })), telling);
  if (other && other.share >= ENOUGH && other.fit > (named?.fit ?? 0)) return { uri: other.uri, renamed: true };
  return named && { uri: named.uri, renamed: false };
}

/** The file whose classes the modules of a model without a record are, by their names: those beside the model first. */
export async function locateModules(model: vscode.Uri, modules: readonly NamedModule[]): Promise<vscode.Uri | undefined> {
  if (modules.length === 0) return undefined;
  const folder = vscode.Uri.joinPath(model, '..').path;
  const isBeside = (uri: vscode.Uri): number => (vscode.Uri.joinPath(uri, '..').path === folder ? 1 : 0);
  const all = await vscode.workspace.findFiles('**/*.py', NOT_SOURCES, MOST_RENAMED);
  let best: { readonly uri: vscode.Uri; readonly resolved: number } | undefined;
  for (const uri of all.sort((a, b) => isBeside(b) - isBeside(a))) {
    const text = await readText(uri);
    const resolved = text === undefined ? 0 : resolvedIn(textLines(text), modules);
    if (resolved > (best?.resolved ?? 0)) best = { uri, resolved };
  }
  return best?.uri;
}

interface Candidate {
  readonly uri: vscode.Uri;
  /** Undefined for a file with another name than the recorded one. */
  readonly named: NamedPath | undefined;
}

/** The candidate that fits best, the first of several. One by one, so that the editor stays alive. */
async function bestOf(candidates: readonly Candidate[], recorded: readonly SourceLine[]): Promise<(Candidate & { readonly share: number; readonly fit: number }) | undefined> {
  let best: (Candidate & { readonly share: number; readonly fit: number }) | undefined;
  for (const candidate of candidates) {
    const text = await readText(candidate.uri);
    if (text === undefined) continue;
    const share = shareOf(text, recorded);
    const rated = { ...candidate, share, fit: fitOf(share, candidate.named) };
    if (!best || rated.fit > best.fit) best = rated;
  }
  return best;
}

/** What an editor holds of a file that exists, else what is on disk; undefined for what is no text of a usual size. */
async function readText(uri: vscode.Uri): Promise<string | undefined> {
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0 || size > MOST_BYTES) return undefined;
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    return open?.getText() ?? new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
