/** Indexes the neurons of a model over texts: asks which, foretells size and time, runs with progress; goes on with what was paused. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import type { NeuronForecast, TextSource } from '../../shared/neurons/build.ts';
import { capitalised, counted } from '../../shared/format.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { IndexNote } from '../neurons/indexMemory.ts';
import type { IndexJob, NeuronIndexing } from '../neurons/indexing.ts';
import { pickTexts } from '../neurons/pickTexts.ts';
import { offerToGoOn } from '../neurons/unfinished.ts';
import { forecastLine, resultLine, whatOf } from '../neurons/words.ts';
import { withBar } from '../util/progressBar.ts';
import { pickModel } from './pickModel.ts';
import type { Command } from './services.ts';
import { uriOf } from './target.ts';

const TITLE = 'Index Neurons';

interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

const choose = async <T>(title: string, placeHolder: string, items: readonly Choice<T>[]): Promise<T | undefined> =>
  (await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true }))?.value;

export const indexNeurons: Command = async ({ models, indexing }, argument) => {
  const uri = uriOf(argument) ?? models.focused?.uri ?? (await pickModel(TITLE));
  if (!uri) return;
  await models.use(uri, (handle) => (indexing.isRunning(uri) ? offerPause(indexing, handle) : indexOver(indexing, handle)));
};

async function offerPause(indexing: NeuronIndexing, { uri, title }: ModelHandle): Promise<void> {
  const pause = 'Pause';
  const chosen = await vscode.window.showInformationMessage(`The neurons of ${title} are being indexed.`, pause);
  if (chosen === pause) indexing.pause(uri);
}

async function indexOver(indexing: NeuronIndexing, handle: ModelHandle): Promise<void> {
  const title = `${TITLE} of ${handle.title}`;
  const before = indexing.memory.of(handle.uri);
  const goesOn = before !== undefined && before.state !== 'finished' && (await wantsToGoOn(title, before));
  if (goesOn === undefined) return;
  const texts = goesOn ? before?.texts : await pickTexts(handle.uri, title, before?.texts ?? [], (path) => handle.call('textColumns', { path }));
  const job = texts && (await confirmed(indexing, handle, texts));
  if (!job) return;
  try {
    const result = await indexing.make(job);
    void vscode.window.showInformationMessage(`${handle.title}: ${resultLine(result)}.`);
  } catch (error) {
    if (CogscopeError.describe(error).code !== 'cancelled') throw error;
    await offerToGoOn(`Indexing the neurons of ${handle.title} is paused; what is done is kept.`, handle.uri);
  }
}

const wantsToGoOn = (title: string, { texts }: IndexNote): Promise<boolean | undefined> => choose(title, 'An index was begun and not finished', [
  { label: '$(debug-continue) Go on', description: namesOf(texts), value: true },
  { label: '$(new-file) Choose texts…', description: 'what was indexed so far is lost where they are others', value: false },
]);

const namesOf = (texts: readonly TextSource[]): string => (texts.length === 1 && texts[0] ? vscode.workspace.asRelativePath(texts[0].path) : counted(texts.length, 'file'));

/** The job as a person wants it once they know what it takes; undefined where they leave. */
async function confirmed(indexing: NeuronIndexing, handle: ModelHandle, texts: readonly TextSource[]): Promise<IndexJob | undefined> {
  const title = `${TITLE} of ${handle.title}`;
  const job = { handle, texts, rebuild: false };
  let reason = '';
  let forecast: Awaited<ReturnType<NeuronIndexing['foretell']>>;
  try {
    forecast = await foretold(indexing, job);
  } catch (error) {
    const { code, what } = CogscopeError.describe(error);
    if (code !== 'refused') throw error;
    // Another index lies there; where it is something else that is refused, the second try says so.
    reason = what;
    forecast = await foretold(indexing, { ...job, rebuild: true });
  }
  const rebuild = reason !== '' || forecast.finished;
  const label = rebuild ? '$(refresh) Make the index again' : forecast.done > 0 ? '$(debug-continue) Go on' : '$(play) Index';
  const placeHolder = reason !== '' ? `${capitalised(reason)}: it has to be made again` : forecast.finished ? 'These texts are indexed already' : whatOf(forecast);
  const isWanted = await choose(title, placeHolder, [{ label, description: whatOf(forecast), detail: detailOf(forecast), value: true }]);
  return isWanted ? { ...job, rebuild } : undefined;
}

const foretold = (indexing: NeuronIndexing, job: IndexJob): ReturnType<NeuronIndexing['foretell']> =>
  withBar(`Looking at the texts for ${job.handle.title}`, (_, signal) => indexing.foretell(job, signal));

const detailOf = (forecast: NeuronForecast): string => [forecastLine(forecast), ...forecast.refused.map((reason) => `not indexed: ${reason}`)].join('. ');
