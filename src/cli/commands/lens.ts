/** `cogscope lens MODEL --prompt T`: every state read as tokens, and a token's logit as a sum over the model's parts. */
import { CogscopeError, sentence } from '../../shared/errors.ts';
import type { Attribution, AttributionProgress, Lens, LensParams, LensProgress, LensRow, TokenStanding } from '../../shared/protocol/lensApi.ts';
import type { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { commonOptions } from '../options.ts';
import { mean } from '../../shared/mean.ts';
import { lensText } from '../print/lens.ts';
import { onePrompt, promptOptions, tokenOf } from '../prompts.ts';

const TOP = 5;

export const lens: Command = {
  name: 'lens',
  usage: 'MODEL --prompt TEXT [--target TOKEN [--distractor TOKEN]]',
  about: 'Reads every layer’s state as tokens, and tells which parts of the model speak for a token',
  notes: [
    'The logit lens: each state of the residual stream goes through the model’s own final norm and unembedding, as if the model ended there.',
    'With --target, the token’s logit (or its difference from the distractor’s) is taken apart: what the embedding, each head, each MLP and the biases write into the stream, through the final norm at its scale in this run and the unembedding. The file’s weights are used as they are, nothing folded or centred. What is left of the logit is shown.',
  ],
  options: [
    ...promptOptions,
    { name: 'target', value: 'TOKEN', about: 'The token that is asked about, as it would follow the prompt, as in --target " Lily".' },
    { name: 'distractor', value: 'TOKEN', about: 'A token that the target is compared with.' },
    { name: 'target-id', value: 'N', about: 'The target as a token id.' },
    { name: 'distractor-id', value: 'N', about: 'The distractor as a token id.' },
    { name: 'position', value: 'N,N', about: 'Where the text shows the lens and where the logit is taken apart: one position, or several with commas between them, with their mean; the last position (-1) unless given. The JSON has the lens at every position.' },
    { name: 'top', value: 'K', about: `Tokens of each state; ${TOP} unless given.` },
    { name: 'mid', value: null, about: 'Also reads the states between attention and MLP.' },
    ...commonOptions,
  ],
  run: runLens,
};

async function runLens(args: Arguments, context: Context): Promise<Outcome> {
  const top = args.whole('top', 1, 100) ?? TOP;
  const asked = positionsOf(args);
  const [target, distractor] = [tokenOf(args, 'target'), tokenOf(args, 'distractor')];
  if (target === null && distractor !== null) throw new CogscopeError('usage', 'A distractor is given and no target', 'Give --target, or leave --distractor out');
  const question = { ...onePrompt(args), target, distractor };
  const params: LensParams = { ...question, top, mid: args.has('mid') };
  const { interrupts: { signal }, progress } = context;
  const onLens = (body: unknown): void => {
    const told = body as LensProgress;
    if (told.kind === 'stage') progress.show('Running stage', told.stage, told.stages);
    if (told.kind === 'row') progress.show('Reading state', told.row.state + 1);
  };
  const onAttribution = (body: unknown): void => {
    const { kind, done, of } = body as AttributionProgress;
    progress.show(kind === 'stage' ? 'Running stage' : 'Taking the logit apart: axis', done, of);
  };
  const { read, apart } = await withModel(args, context, async (engine) => {
    progress.show('Loading the first stage');
    const read = await engine.call('lens', params, { signal, onProgress: onLens });
    const apart = target === null ? null : await engine.call('attribution', { ...question, target, positions: asked }, { signal, onProgress: onAttribution }).catch(refusal);
    return { read, apart };
  });
  if (apart instanceof CogscopeError) progress.note(sentence(apart.data));
  const attribution = apart instanceof CogscopeError ? null : apart;
  for (const note of attribution?.notes ?? []) progress.note(note);
  return { text: () => lensText({ lens: read, attribution, positions: asked.map((position) => at(position, read)) }), json: lensJson(read, apart), exit: OK };
}

/** States are worth showing where a logit is no sum. */
function refusal(error: unknown): CogscopeError {
  if (error instanceof CogscopeError && error.code === 'refused') return error;
  throw error;
}

const at = (position: number, { frame }: Lens): number => (position < 0 ? frame.tokens.length + position : position);

function positionsOf(args: Arguments): readonly number[] {
  const text = args.one('position') ?? '-1';
  if (!/^-?\d{1,7}(,-?\d{1,7})*$/.test(text)) throw new CogscopeError('usage', `--position takes a whole number, or several with commas between them, not "${text}"`, 'Write for instance --position -1');
  const positions = text.split(',').map(Number);
  if (new Set(positions).size < positions.length) throw new CogscopeError('usage', `--position names a position twice: ${text}`, 'Give each one once');
  return positions;
}

function lensJson({ frame, rows, added, ms }: Lens, apart: Attribution | CogscopeError | null): Readonly<Record<string, unknown>> {
  const { tokens, towers, filled, states, positions, target, distractor } = frame;
  return {
    tokens, ...(Object.keys(towers).length > 1 ? { towers } : {}), target, distractor,
    lens: rows.map((row) => ({ address: states[row.state]?.address, positions: positions.map((position, index) => rowJson(row, position, index, frame.top)) })),
    added: added.map(({ layer, attention, cross, mlp }) => ({ layer, attention: listed(attention), cross: listed(cross), mlp: listed(mlp) })),
    attribution: apart instanceof CogscopeError ? null : apart && attributionJson(apart),
    ...(apart instanceof CogscopeError ? { refused: [{ what: 'attribution', reason: apart.data.what }] } : {}),
    filled, ms: { lens: ms, attribution: apart instanceof CogscopeError ? null : apart && apart.ms },
  };
}

const listed = (values: Float32Array | null): readonly number[] | null => values && [...values];
const finite = (value: number | undefined): number | null => (value !== undefined && Number.isFinite(value) ? value : null);

function rowJson(row: LensRow, position: number, index: number, top: number): Readonly<Record<string, unknown>> {
  const slots = Array.from({ length: top }, (_, slot) => index * top + slot).filter((slot) => Number.isFinite(row.probabilities[slot]));
  const standing = (name: 'target' | 'distractor'): Readonly<Record<string, unknown>> => {
    const own: TokenStanding | null = row[name];
    return own ? { [name]: { logit: finite(own.logit[index]), probability: finite(own.probability[index]), rank: finite(own.rank[index]) } } : {};
  };
  return {
    position, entropy: finite(row.entropy[index]), norm: finite(row.norm[index]),
    top: slots.map((slot) => ({ id: row.ids[slot], text: row.names[row.ids[slot] ?? 0], logit: row.logits[slot], probability: row.probabilities[slot] })),
    ...standing('target'), ...standing('distractor'),
  };
}

/** One position's numbers as they are; of several, a list each, with the mean. */
function attributionJson({ positions, target, distractor, weights, norm, scale, logit, remainder, tolerance, parts, notes }: Attribution): Readonly<Record<string, unknown>> {
  const isOne = positions.length === 1;
  const at = (values: Float32Array): unknown => (isOne ? values[0] : [...values]);
  return {
    ...(isOne ? { position: positions[0] } : { positions }), target, distractor, weights, norm, scale: at(scale), logit: at(logit), remainder: at(remainder), tolerance,
    ...(isOne ? {} : { mean: { logit: mean(logit), remainder: mean(remainder) } }),
    parts: parts.map(({ address, kind, layer, values }) => ({ address, kind, layer, ...(isOne ? { value: values[0] } : { values: [...values], mean: mean(values) }) })), notes,
  };
}
