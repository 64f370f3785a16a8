/** `cogscope neurons index MODEL --text FILE … --db FILE`. */
import { resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import { bytes, count, counted, duration } from '../../shared/format.ts';
import type { NeuronForecast, NeuronIndexProgress, NeuronIndexResult } from '../../shared/neurons/build.ts';
import { carriedWords } from '../../shared/neurons/described.ts';
import type { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import type { Progress } from '../progress.ts';

/** The index that a command is about. Throws 'usage' where none is named. */
export function databaseOf(args: Arguments): string {
  const path = args.one('db');
  if (path === undefined) throw new CogscopeError('usage', 'No index is named', 'Write --db FILE');
  return resolve(path);
}

export async function indexNeurons(args: Arguments, context: Context): Promise<Outcome> {
  const { interrupts: { signal }, progress } = context;
  const [field, length, chunkTokens] = [args.one('field'), args.whole('length', 2, 1 << 16), args.whole('chunk', 1, 1 << 24)];
  const params = {
    texts: args.all('text').map((path) => ({ path: resolve(path), ...(field === undefined ? {} : { field }) })), db: databaseOf(args),
    ...(length === undefined ? {} : { length }), ...(chunkTokens === undefined ? {} : { chunkTokens }), rebuild: args.has('rebuild'), dry: args.has('dry-run'),
  };
  const result = await withModel(args, context, (engine) => {
    progress.show('Looking at the text');
    return engine.call('indexNeurons', params, { signal, onProgress: (body) => show(progress, body as NeuronIndexProgress) });
  });
  return { text: () => resultText(result, params.dry), json: { ...result }, exit: OK };
}

function show(progress: Progress, body: NeuronIndexProgress): void {
  switch (body.kind) {
    case 'forecast':
      for (const line of forecastLines(body)) progress.note(line);
      return;
    case 'tokens':
      progress.show(`Indexing: ${count(Math.round(body.perSecond))} tokens a second, ${duration(body.msLeft)} left, token`, body.tokens, body.of);
      return;
    case 'finishing':
      progress.show('Finishing: layer', body.done, body.of);
      return;
    default:
      body satisfies never;
  }
}

function forecastLines({ neurons, heads, layers, files, tokens, bytes: size, ms, memory, done, refused }: NeuronForecast): readonly string[] {
  const what = `${counted(neurons, 'neuron')} and ${counted(heads, 'head')} of ${counted(layers, 'layer')} over about ${counted(tokens, 'token')} of ${counted(files, 'file')}`;
  return [
    `${what}: an index of about ${bytes(size)}, ${bytes(memory)} of memory, ${duration(ms)} to read the text, and then readings and output tokens${done > 0 ? `; ${count(done)} tokens are done` : ''}`,
    ...refused.map((reason) => `Not indexed: ${reason}`),
  ];
}

function resultText({ finished, tokens, rows, dead, dense, bytes: size, ms, forecast }: NeuronIndexResult, dry: boolean): string {
  const described = forecast.descriptions ? [carriedWords(forecast.descriptions)] : [];
  if (dry) return `${[...forecastLines(forecast), ...described].join('\n')}\n`;
  return [
    `${counted(tokens, 'token')} in ${counted(rows, 'row')} indexed${finished ? '' : ' so far'}, ${bytes(size)}, ${duration(ms)}`,
    `${counted(forecast.neurons, 'neuron')}: ${count(dead)} fire on no token, ${count(dense)} on more than half`,
    ...described,
    '',
  ].join('\n');
}
