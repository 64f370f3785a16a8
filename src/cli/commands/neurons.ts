/** `cogscope neurons …`: what each neuron responds to, over a text. */
import { CogscopeError } from '../../shared/errors.ts';
import { Arguments } from '../args.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { nearest } from '../../shared/nearest.ts';
import { exportNeurons } from '../neurons/export.ts';
import { neuronsHere } from '../neurons/here.ts';
import { importDescriptions } from '../neurons/import.ts';
import { indexNeurons } from '../neurons/index.ts';
import { searchNeurons } from '../neurons/search.ts';
import { showNeuron } from '../neurons/show.ts';
import { testReadings } from '../neurons/test.ts';
import { commonOptions } from '../options.ts';
import { promptOptions } from '../prompts.ts';

type Action = (args: Arguments, context: Context) => Promise<Outcome>;

const actions: ReadonlyMap<string, Action> = new Map([['index', indexNeurons], ['show', showNeuron], ['search', searchNeurons], ['here', neuronsHere], ['test', testReadings], ['export', exportNeurons], ['import', importDescriptions]]);

export const neurons: Command = {
  name: 'neurons',
  subject: 'ACTION MODEL',
  usage: 'index MODEL --text FILE … --db FILE | show MODEL ADDRESS --db FILE | search MODEL --db FILE [--token WORD] [--output WORD] [--described TEXT] [--rate FROM-TO] [--layer N] | here MODEL --prompt TEXT [--position N] [--target TOKEN] [--db FILE] | test MODEL ADDRESS --db FILE --text FILE | export [MODEL ADDRESS …] --db FILE --out FILE | import FILE --db FILE',
  about: 'Tells what each neuron responds to, from an index over texts of yours',
  notes: [
    '"neurons index" runs the model over the texts and keeps, of every neuron of every MLP, its mean, its maximum, how often it fires (an activation above 0), a histogram and examples; of every head its strongest pairs of tokens. Stop it with Ctrl-C, or in any other way, and start it again: it goes on from the last chunk.',
    '"neurons show" tells what the index has of one neuron (L3N1234) or head (L5H3). "neurons search" looks for neurons for which everything holds that is given. "neurons here" runs a prompt: which neurons fire on one of its tokens, and which move what the model expects behind it. "neurons test" runs a text and tells how well a neuron’s readings say where it fires. "neurons export" writes the whole index as Parquet or JSON; or, with a model and neurons, their activations at every token of the index’s text as safetensors. "neurons import" takes what others say of neurons from a JSON file, a list of {"address": "L3N1234" (or "layer" and "neuron"), "description", "source", "score"} or what Neuronpedia exports; it is shown beside the readings, and kept where the index is made again.',
    'Texts are read by their extension: .jsonl and .ndjson (a record a line), .csv and .tsv (the first line names the columns), .parquet (a row a record); everything else as text, by paragraphs. UTF-8, or UTF-16 with its mark.',
  ],
  options: [
    { name: 'text', value: 'FILE', many: 'list', about: 'The texts to index.' },
    { name: 'field', value: 'NAME', about: 'The key of JSONL or the column of CSV or Parquet that holds the text; "text" unless given, or the only one.' },
    { name: 'db', value: 'FILE', about: 'The index: a new file, or one to go on with.' },
    { name: 'length', value: 'N', about: 'Tokens of a row; the model’s context unless given, and 1,024 at most.' },
    { name: 'rebuild', value: null, about: 'Makes an index again that was made from another model or text, or by another version.' },
    { name: 'dry-run', value: null, about: 'Only tells how large the index will be and how long it will take.' },
    ...promptOptions.filter(({ name }) => !name.startsWith('decoder')),
    { name: 'position', value: 'N', about: 'Here: the token that is asked about; the last (-1) unless given.' },
    { name: 'target', value: 'TOKEN', about: 'Here: the token that the effects are on, as it would follow the prompt; the most probable next one unless given.' },
    { name: 'target-id', value: 'N', about: 'Here: the target as a token id.' },
    { name: 'out', value: 'FILE', about: 'Export: the file to write, .parquet, .json or .safetensors.' },
    { name: 'token', value: 'TEXT', about: 'Search: a word that they fire on, or several, on the last of which they fire.' },
    { name: 'output', value: 'WORD', about: 'Search: a word that they raise most, or with a minus in front lower most.' },
    { name: 'described', value: 'TEXT', about: 'Search: words in what others say of them, where that was imported.' },
    { name: 'rate', value: 'FROM-TO', about: 'Search: how often they fire, as a share of the tokens.' },
    { name: 'layer', value: 'N', about: 'Search: only this layer.' },
    { name: 'limit', value: 'N', about: 'Search and here: how many to list; 50 and 20 unless given.' },
    { name: 'chunk', value: 'N', about: 'Tokens between two commits.', hidden: true },
    ...commonOptions,
  ],
  run: runNeurons,
};

async function runNeurons(args: Arguments, context: Context): Promise<Outcome> {
  const [name, ...rest] = args.positionals;
  const action = actions.get(name ?? '');
  if (!action) {
    const close = name === undefined ? undefined : nearest(name, [...actions.keys()]);
    throw new CogscopeError('usage', name === undefined ? 'No action is given' : `There is no action "${name}"`, close === undefined ? `Write one of: ${[...actions.keys()].map((one) => `neurons ${one}`).join(', ')}` : `Did you mean "neurons ${close}"?`);
  }
  return await action(new Arguments(rest, args.occurrences), context);
}
