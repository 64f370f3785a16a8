/** Names the heads of a model by their roles: on random tokens, and on the pairs of an experiment where one is chosen. */
import * as vscode from 'vscode';
import { openExperiment } from '../../experiments/experimentFile.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import { counted } from '../../shared/format.ts';
import type { RolesProgress } from '../../shared/protocol/rolesApi.ts';
import { rolesMarkdown } from '../../shared/roles/markdown.ts';
import type { RolesReport } from '../../shared/roles/roles.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { nameOf, SUFFIX } from '../experiments/names.ts';
import { readOrThrow } from '../experiments/readOrThrow.ts';
import { summaryOf } from '../roles/words.ts';
import { withBar } from '../util/progressBar.ts';
import { pickModel } from './pickModel.ts';
import type { Command } from './services.ts';
import { uriOf } from './target.ts';

const TITLE = 'Name Heads’ Roles';
/** As the command line has them. */
const ROWS = 16;
const PERIOD = 25;

/** Of an experiment that it is called on, its model and pairs; else of a model, with the pairs that a person picks. */
export const nameRoles: Command = async ({ models, roles, documents }, argument) => {
  const given = uriOf(argument);
  const own = given?.path.endsWith(SUFFIX) ? await readOrThrow(given.fsPath, (await vscode.workspace.openTextDocument(given)).getText()) : undefined;
  const model = own ? vscode.Uri.file(own.model) : given ?? models.focused?.uri ?? (await pickModel(TITLE));
  if (!model) return;
  const experiment = own ?? (await pickPairs(model));
  if (experiment === undefined) return;
  const report = await models.use(model, (handle) => testedRoles(handle, experiment));
  await roles.keep(model, report);
  const title = nameOf(model);
  const show = 'Show Numbers';
  const chosen = await vscode.window.showInformationMessage(`${title}: ${summaryOf(report)}.`, show);
  if (chosen === show) await documents.showMarkdown(`roles of ${title}.md`, rolesMarkdown(title, report));
};

function testedRoles(handle: ModelHandle, experiment: Experiment | null): Promise<RolesReport> {
  const pairs = experiment && { pairs: experiment.pairs, position: experiment.position, special: experiment.special };
  return withBar(`Naming the roles of the heads of ${handle.title}`, (bar, signal) =>
    handle.call('roles', { rows: ROWS, period: PERIOD, seed: 0, pairs }, {
      signal,
      onProgress: (body) => {
        const { what, done, of } = body as RolesProgress;
        bar.report({ message: of > 0 ? `${what}, ${done} of ${of}` : what });
      },
    }));
}

const MOST = 200;

/** Null for random tokens alone; undefined where a person leaves. */
async function pickPairs(model: vscode.Uri): Promise<Experiment | null | undefined> {
  const found = await vscode.workspace.findFiles(`**/*${SUFFIX}`, '**/{node_modules,.git,.venv,venv}/**', MOST);
  const read = await Promise.all(found.map(async (uri) => ({ uri, experiment: await openExperiment(uri.fsPath).then((file) => file.experiment, () => null) })));
  const fitting = read.flatMap(({ uri, experiment }) => (experiment?.model === model.fsPath && experiment.pairs.every(({ corrupted }) => corrupted !== undefined) ? [{ uri, experiment }] : []));
  if (fitting.length === 0) return null;
  const items = fitting.map(({ uri, experiment }) => ({ label: vscode.workspace.asRelativePath(uri), description: counted(experiment.pairs.length, 'pair'), experiment })).sort((a, b) => a.label.localeCompare(b.label));
  const alone = { label: '$(symbol-misc) Random tokens alone', description: 'previous token, duplicate token, induction', experiment: null };
  const chosen = await vscode.window.showQuickPick([alone, ...items], { title: TITLE, placeHolder: 'Pairs of prompts with two names, for name movers and their kin', matchOnDescription: true });
  return chosen?.experiment;
}
