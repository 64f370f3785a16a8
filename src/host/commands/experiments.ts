/** Commands about experiments' files: of the one they are called on, else of the one in the active editor. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import { counted } from '../../shared/format.ts';
import { compareRuns } from '../experiments/compareRuns.ts';
import type { RunNote } from '../experiments/historyIndex.ts';
import { nameOf, SUFFIX } from '../experiments/names.ts';
import { readOrThrow } from '../experiments/readOrThrow.ts';
import { runFile } from '../experiments/runFile.ts';
import { ago, resultLine } from '../experiments/words.ts';
import { isExperiment } from '../language/experimentDocuments.ts';
import type { Command, Services } from './services.ts';
import { uriOf } from './target.ts';

interface OnFile {
  readonly uri: vscode.Uri;
  readonly experiment: Experiment;
}

/** Runs it in the patching panel, beside its file. */
export const runExperiment: Command = async (services, argument) => {
  const file = await fileOf(argument, 'Run Experiment');
  if (file) await services.patching.open({ model: vscode.Uri.file(file.experiment.model), experiment: file.experiment, source: file.uri, run: services.experiments.runningOf(file.uri) === undefined });
};

/** Runs it, and opens the last result beside the new one. */
export const compareExperiment: Command = async (services, argument) => {
  const file = await fileOf(argument, 'Run Experiment and Compare');
  if (!file) return;
  const before = services.history.lastOf(file.uri);
  await runFile(services, { ...file, title: `Running ${nameOf(file.uri)}` });
  const after = services.history.lastOf(file.uri);
  if (!after || after.id === before?.id) return;
  if (before) await compareRuns(services.history, services.documents, before.id, after.id);
  else void vscode.window.showInformationMessage(`${resultLine(after)}. There is no earlier run to compare with.`);
};

interface RunItem extends vscode.QuickPickItem {
  readonly note: RunNote;
}

const compareButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('diff'), tooltip: 'Compare with the Latest Run' };

/** Earlier runs: of one experiment's file where it is called on one, else all. Choosing one shows it; its button compares. */
export const experimentHistory: Command = async (services, argument) => {
  const uri = uriOf(argument);
  const notes = services.history.notes.filter((note) => !uri || note.source === uri.toString());
  if (notes.length === 0) {
    void vscode.window.showInformationMessage('No experiment was run in this workspace yet.');
    return;
  }
  const chosen = await pickRun(notes);
  if (!chosen) return;
  if (chosen.compare) {
    const [latest] = notes.filter((note) => note.key === chosen.note.key && note.id !== chosen.note.id);
    if (!latest) void vscode.window.showInformationMessage('This experiment was run only once, so that there is nothing to compare it with.');
    else await compareRuns(services.history, services.documents, latest.id, chosen.note.id);
    return;
  }
  await openRun(services, chosen.note);
};

async function openRun({ history, experiments, patching }: Services, note: RunNote): Promise<void> {
  const kept = await history.read(note.id);
  if (!kept) throw new CogscopeError('usage', 'That run is no longer kept', 'Run the experiment again');
  const model = vscode.Uri.parse(note.model, true);
  await experiments.take(model, kept.experiment, kept.outcome);
  await patching.open({ model, experiment: kept.experiment, ...(note.source === null ? {} : { source: vscode.Uri.parse(note.source, true) }) });
}

function pickRun(notes: readonly RunNote[]): Promise<{ readonly note: RunNote; readonly compare: boolean } | undefined> {
  const now = Date.now();
  const repeated = new Set(notes.map(({ key }) => key).filter((key, index, all) => all.indexOf(key) !== index));
  const items = notes.map((note): RunItem => ({
    note, label: note.source === null ? note.title : nameOf(vscode.Uri.parse(note.source, true)), description: `${ago(now - note.at)}${note.complete ? '' : ', cancelled'}`,
    detail: note.source === null ? resultLine(note) : `${note.title}: ${resultLine(note)}`, buttons: repeated.has(note.key) ? [compareButton] : [],
  }));
  const pick = vscode.window.createQuickPick<RunItem>();
  Object.assign(pick, { items, title: 'Experiment History', placeholder: counted(notes.length, 'run'), matchOnDescription: true, matchOnDetail: true });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      resolve(item && { note: item.note, compare: false });
      pick.hide();
    });
    pick.onDidTriggerItemButton(({ item }) => {
      resolve({ note: item.note, compare: true });
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** The experiment as it stands in its editor, saved or not; undefined where a person leaves. */
async function fileOf(argument: unknown, title: string): Promise<OnFile | undefined> {
  const active = vscode.window.activeTextEditor?.document.uri;
  const uri = uriOf(argument) ?? (active && isExperiment(active) ? active : await pickFile(title));
  if (!uri) return undefined;
  const document = await vscode.workspace.openTextDocument(uri);
  return { uri, experiment: await readOrThrow(uri.fsPath, document.getText()) };
}

const MOST = 500;

async function pickFile(title: string): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles(`**/*${SUFFIX}`, '**/{node_modules,.git,.venv,venv}/**', MOST);
  if (found.length === 0) {
    void vscode.window.showInformationMessage(`There is no experiment (*${SUFFIX}) in this workspace. Cogscope: Patch… makes one.`);
    return undefined;
  }
  const items = found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })).sort((a, b) => a.label.localeCompare(b.label));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Experiment' }))?.uri;
}
