/** `cogscope neurons export --db FILE --out FILE`, and of some neurons the activations over the index's text. */
import { resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import { counted } from '../../shared/format.ts';
import type { NeuronExportProgress } from '../../shared/neurons/export.ts';
import { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { withEngine } from '../withEngine.ts';
import { databaseOf } from './index.ts';

export async function exportNeurons(args: Arguments, context: Context): Promise<Outcome> {
  const { progress, interrupts } = context;
  const [db, out] = [databaseOf(args), args.one('out')];
  if (out === undefined) throw new CogscopeError('usage', 'No file to write is named', 'Write --out FILE.parquet or FILE.json, or --out FILE.safetensors with a model and neurons');
  const [model, ...addresses] = args.positionals;
  const options = { signal: interrupts.signal, onProgress: (body: unknown) => show(body as NeuronExportProgress) };
  const show = ({ done, of }: NeuronExportProgress): void => progress.show('Writing', done, of);
  if (addresses.length > 0 && model !== undefined) {
    const { tokens } = await withModel(new Arguments([model], args.occurrences), context, (engine) => engine.call('exportActivations', { db, out: resolve(out), addresses }, options));
    return { text: () => `Wrote ${counted(addresses.length, 'neuron')} over ${counted(tokens, 'token')} to ${out}\n`, json: { out, tokens, addresses }, exit: OK };
  }
  if (model !== undefined) throw new CogscopeError('usage', `"${model}" is one word too many`, 'An index is exported without its model; name neurons behind it for their activations');
  const { neurons } = await withEngine(1, interrupts, (engine) => engine.call('exportNeurons', { db, out: resolve(out) }, options));
  return { text: () => `Wrote ${counted(neurons, 'neuron')} to ${out}\n`, json: { out, neurons }, exit: OK };
}
