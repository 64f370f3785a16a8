/** `cogscope heads MODEL`: how well each head's attention fits patterns that are known, or one of your own. */
import { resolve } from 'node:path';
import { headAddress } from '../../shared/addresses.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { headKinds, scoreMeasures } from '../../shared/protocol/headApi.ts';
import type { DetectionPattern, HeadScores, HeadScoresParams, HeadScoresProgress, ScoreMeasure, ScoredText } from '../../shared/protocol/headApi.ts';
import { readInputFile } from '../../engine/io/inputFile.ts';
import { toFloat32 } from '../../engine/ort/tensor.ts';
import type { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { commonOptions } from '../options.ts';
import { headsText } from '../print/heads.ts';
import { promptOptions, promptsOf } from '../prompts.ts';

const TOP = 5;

export const heads: Command = {
  name: 'heads',
  usage: 'MODEL [--prompt TEXT]',
  about: 'Scores every head: previous token, duplicate token, induction, current token, first token, or a pattern of yours',
  notes: [
    'Without a prompt heads are scored on random tokens that come twice, as in TransformerLens’s demonstrations: for each pattern the mean share of attention that falls where it says, over the positions that it says something about.',
    'On prompts a score is that of TransformerLens’s head_detector: of all attention the share that falls where the pattern says. --measure abs is its other error measure, 1 less the mean absolute difference.',
    'Cross attention reads another text, so it is scored by position there: on the first token, the same position, and stated distances.',
    'A score that nothing in the text could tell is left out, and the reason is said.',
  ],
  options: [
    ...promptOptions,
    { name: 'seed', value: 'N', about: 'What the random tokens are drawn by; 0 unless given.' },
    { name: 'rows', value: 'N', about: 'Rows of random tokens; 10 unless given.' },
    { name: 'period', value: 'N', about: 'Tokens of the stretch that comes twice; 50, or as many as the context allows.' },
    { name: 'measure', value: scoreMeasures.join('|'), about: 'How attention is held against a pattern; "rows" on random tokens and "mul" on prompts unless given.' },
    { name: 'exclude-bos', value: null, about: 'Leaves out attention to position 0.' },
    { name: 'exclude-current-token', value: null, about: 'Leaves out attention of a token to itself.' },
    { name: 'pattern', value: 'FILE.npy', many: 'again', about: 'A pattern of yours beside the others, [dest, src]: a row and a column for each token of the prompt.' },
    { name: 'top', value: 'K', about: `How many heads to list for each pattern; ${TOP} unless given. The JSON has them all.` },
    ...commonOptions,
  ],
  run: runHeads,
};

async function runHeads(args: Arguments, context: Context): Promise<Outcome> {
  const top = args.whole('top', 1, 100_000) ?? TOP;
  const params = await paramsOf(args);
  const { interrupts: { signal }, progress } = context;
  const onProgress = (body: unknown): void => {
    const told = body as HeadScoresProgress;
    if (told.kind === 'layer') progress.show('Scoring layer', told.done, told.of);
  };
  const result = await withModel(args, context, (engine) => {
    progress.show('Loading the first stage');
    return engine.call('headScores', params, { signal, onProgress });
  });
  for (const note of result.notes) progress.note(note);
  return { text: () => headsText(result, top), json: headsJson(result), exit: OK };
}

async function paramsOf(args: Arguments): Promise<HeadScoresParams> {
  const drawn = await Promise.all(args.all('pattern').map(readPattern));
  const measure = args.one('measure');
  const known = scoreMeasures.find((one) => one === measure);
  if (measure !== undefined && !known) throw new CogscopeError('usage', `--measure takes ${scoreMeasures.join(', ')}, not "${measure}"`, 'Choose one of these');
  return {
    text: textOf(args), patterns: [...headKinds.map((kind) => ({ kind })), ...drawn], excludeBos: args.has('exclude-bos'), excludeCurrentToken: args.has('exclude-current-token'),
    ...measureOf(known),
  };
}

const measureOf = (measure: ScoreMeasure | undefined): Pick<HeadScoresParams, 'measure'> => (measure ? { measure } : {});

function textOf(args: Arguments): ScoredText {
  const [seed, rows, period] = [args.whole('seed', 0, 0xffffffff), args.whole('rows', 1, 1000), args.whole('period', 2, 1 << 16)];
  const asked = promptsOf(args);
  if (asked.prompts.length === 0) return { kind: 'repeated', ...(seed === undefined ? {} : { seed }), ...(rows === undefined ? {} : { rows }), ...(period === undefined ? {} : { period }) };
  if ([seed, rows, period].some((given) => given !== undefined)) throw new CogscopeError('usage', '--seed, --rows and --period are for random tokens, and a prompt is given', 'Leave one or the other out');
  return { kind: 'prompts', ...asked };
}

async function readPattern(path: string): Promise<DetectionPattern> {
  const tensor = await readInputFile(resolve(path), 'pattern');
  const [rows = 0, cols = 0] = tensor.dims;
  if (tensor.dims.length !== 2 || rows !== cols) throw new CogscopeError('usage', `The pattern in the file is ${tensor.dims.join(' by ')}`, 'Give it a row and a column for each token', path);
  return { kind: 'drawn', name: path, size: rows, values: toFloat32(tensor) };
}

/** Each head's scores under the names of the patterns; null where nothing could be measured. */
function headsJson({ protocol, layers, notes, ms }: HeadScores): Readonly<Record<string, unknown>> {
  const scores = layers.flatMap((layer) => Array.from({ length: layer.heads }, (_, head) => ({
    address: headAddress(layer.tower.replace(/\.$/, ''), layer.layer, head, layer.attention),
    ...Object.fromEntries(protocol.patterns.map(({ name }, index) => [name, finite(layer.values[index * layer.heads + head])])),
  })));
  return { protocol, scores, notes, ms };
}

const finite = (value: number | undefined): number | null => (value !== undefined && Number.isFinite(value) ? value : null);
