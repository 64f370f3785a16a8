/** Indexes the neurons of a model over texts: asks which, foretells size and time, runs with progress; goes on with what was paused. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import type { NeuronForecast } from '../../shared/neurons/build.ts';
import { carriedWords } from '../../shared/neurons/described.ts';
import type { NeuronIndexStanding } from '../../shared/neurons/figures.ts';
import { capitalised } from '../../shared/format.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { commandIds } from '../ids.ts';
import type { IndexJob, NeuronIndexing } from '../neurons/indexing.ts';
import { pickTexts } from '../neurons/pickTexts.ts';
import { pickWanted } from '../neurons/pickWanted.ts';
import { offerToGoOn } from '../neurons/unfinished.ts';
import { forecastLine, resultLine, whatOf } from '../neurons/words.ts';
import { choose } from '../util/choose.ts';
import { withBar } from '../util/progressBar.ts';
import { showIfSlow } from '../util/slowProgress.ts';
import { pickModel } from './pickModel.ts';
import type { Command } from './services.ts';
import { uriOf } from './target.ts';

const TITLE = 'Index Neurons';

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
  const before = indexing.memory.of(handle.uri)?.texts ?? [];
  const wanted = await pickWanted(title, await standingOf(indexing, handle), before);
  if (wanted?.kind === 'open') await vscode.commands.executeCommand(commandIds.openNeuron, handle.uri);
  if (wanted?.kind !== 'index') return;
  const texts = wanted.texts === 'same' ? before : await pickTexts(handle.uri, title, before, (path) => handle.call('textColumns', { path }));
  const job = texts && (await confirmed(indexing, { handle, texts, rebuild: wanted.again !== '' }, wanted.again));
  if (!job) return;
  try {
    const result = await indexing.make(job);
    void vscode.window.showInformationMessage(`${handle.title}: ${resultLine(result)}.`);
  } catch (error) {
    if (CogscopeError.describe(error).code !== 'cancelled') throw error;
    await offerToGoOn(`Indexing the neurons of ${handle.title} is paused; what is done is kept.`, handle.uri);
  }
}

/** How what lies there stands to the model as it is. */
async function standingOf(indexing: NeuronIndexing, handle: ModelHandle): Promise<NeuronIndexStanding> {
  if (!indexing.isThere(handle.uri)) return { kind: 'none' };
  const controller = new AbortController();
  const asked = handle.call('neuronIndex', { db: indexing.placeOf(handle.uri) }, { signal: controller.signal });
  showIfSlow(`Looking at the index of ${handle.title}`, asked, () => controller.abort());
  return asked;
}

/** The job as a person wants it once they know what it takes; undefined where they leave. `again`: why an index that lies there has to be made again. */
async function confirmed(indexing: NeuronIndexing, job: IndexJob, again: string): Promise<IndexJob | undefined> {
  const title = `${TITLE} of ${job.handle.title}`;
  let reason = again;
  let forecast: Awaited<ReturnType<NeuronIndexing['foretell']>>;
  try {
    forecast = await foretold(indexing, job);
  } catch (error) {
    const { code, what } = CogscopeError.describe(error);
    if (code !== 'refused' || job.rebuild) throw error;
    // It was made from other texts; where it is something else that is refused, the second try says so.
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

const detailOf = (forecast: NeuronForecast): string => [
  forecastLine(forecast), ...(forecast.descriptions ? [carriedWords(forecast.descriptions)] : []), ...forecast.refused.map((reason) => `not indexed: ${reason}`),
].join('. ');
