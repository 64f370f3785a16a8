/**
 * Causal tracing (Meng et al. 2022, "Locating and Editing Factual Associations in GPT", section 2.1): the subject's embeddings are disturbed by
 * noise, and one clean state, or a window of layers of one sublayer, is put back at one position.
 *
 * Total effect: clean − corrupted. Indirect effect of a cell: restored − corrupted. Direct effect, what does not go through the cell: clean − restored.
 * Means over the samples of noise, which are the same for all cells.
 */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Tracing } from '../../../shared/experiment/experiment.ts';
import type { TokenInfo } from '../../../shared/protocol/engineApi.ts';
import { stretches } from '../../analysis/slab.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import { isFloat, readFloats } from '../../onnx/weights.ts';
import { toFloat16 } from '../../onnx/halfFloat.ts';
import { toFloat32 } from '../../ort/tensor.ts';
import type { Tensor } from '../../ort/tensor.ts';
import { predictingTower } from '../../program/chain.ts';
import type { ModelSession } from '../../session.ts';
import type { Tower } from '../../anatomy/types.ts';
import { idsInputs } from '../prompt.ts';
import type { TowerTokens } from '../prompt.ts';
import { baseRun } from './base.ts';
import type { Base, BaseRequest } from './base.ts';
import { sweepPlaces } from './cells.ts';
import type { CellGrid } from './cells.ts';
import type { Context, Kind, Sink } from './context.ts';
import { normals } from '../../../shared/experiment/random.ts';
import { sweepGrids, fromRun, tell } from './sweep.ts';
import { needsOf, runVariants } from './variants.ts';
import type { SlabEdit, Variant } from './variants.ts';

export const tracing: Kind<Tracing> = {
  edited: (session, experiment) => [embedding(session), ...sweepPlaces(session, { sites: experiment.sites, by: 'position' }).flat().map(({ entry }) => entry)],
  layOut: async (context, experiment, clean) => {
    const { session, pairs } = context;
    const grids = await sweepGrids(context, sweepPlaces(session, { sites: experiment.sites, by: 'position' }), 'position');
    const subjects = pairs.map((pair, index) => subjectOf(pair.clean.get(embedding(session).tower.name) ?? [], experiment, index));
    const noise = { ...experiment, deviation: experiment.sigma * spreadOf(session) };
    const corrupted: number[] = [];
    for (const [pair, { position }] of pairs.entries()) corrupted.push(context.measure(pair, (await noisyRun(context, noise, { pair, positions: subjects[pair] ?? [], keep: [], position })).logits));
    return {
      grids: grids.map(({ grid }) => grid),
      addresses: grids.flatMap(({ addresses }) => addresses),
      notes: [
        `Noise of ${experiment.sigma} standard deviations of the embeddings (${noise.deviation.toPrecision(3)}), ${experiment.samples} samples from seed ${experiment.seed}`,
        ...(experiment.window > 1 && experiment.sites.some((site) => site !== 'resid_post') ? [`attn_out and mlp_out are put back in windows of ${experiment.window} layers around each`] : []),
      ],
      clean,
      corrupted,
      // Those of another tower are no positions of the tokens that are shown.
      ...(readingTower(session) === predictingTower(session.anatomy) ? { subjects } : {}),
      run: (sink) => trace(context, noise, { grids, subjects }, sink),
    };
  },
};

interface Noise extends Tracing {
  readonly deviation: number;
}

async function trace(context: Context, noise: Noise, { grids, subjects }: { readonly grids: readonly CellGrid[]; readonly subjects: readonly (readonly number[])[] }, sink: Sink): Promise<void> {
  const { program, pairs, cuts, signal } = context;
  const entries = grids.flatMap(({ places }) => places.map(({ entry }) => entry));
  const keep = [...needsOf(program, entries, cuts), ...context.taps];
  for (const [pair, { clean, position }] of pairs.entries()) {
    const wanted = grids.flatMap((grid) => grid.cells.flatMap((cell, index) => (cell && sink.wants(pair, grid.grid.first + index) ? [{ cell, grid, index: grid.grid.first + index }] : [])));
    if (wanted.length === 0) continue;
    const base = await noisyRun(context, noise, { pair, positions: subjects[pair] ?? [], keep, position });
    const source = fromRun(await context.runs.of(clean, position));
    sink.ran(base.rows + 1);
    sink.onBase(base);
    const variants = wanted.map(({ cell, grid, index }): Variant => {
      const restored = cell.place.site === 'resid_post' ? [cell.place] : windowOf(grid, cell.place.layer, noise.window);
      return { cell: index, edits: restored.map((place): SlabEdit => ({ entry: place.entry, at: cell.at, by: source(place) })) };
    });
    await runVariants(program, { base, variants, position, cuts, signal, taps: context.taps, onBatch: (results) => tell(sink, pair, results) });
  }
}

/** The layers of a window around one, cut off at the ends: from layer − ⌊w/2⌋ to layer + ⌈w/2⌉ − 1, as ROME's code has them. */
function windowOf({ places }: CellGrid, layer: number, window: number): CellGrid['places'] {
  const from = layer - Math.floor(window / 2);
  return places.filter((place) => place.layer >= from && place.layer < from + window);
}

/** The tower that reads the prompt, in which the subject stands. */
const readingTower = (session: ModelSession): Tower | undefined => idsInputs(session)[0]?.tower;

/** Where noise is added: the embeddings of the tokens, or the first state where those are no tensor of their own. */
function embedding(session: ModelSession): AddressEntry {
  const tower = readingTower(session);
  const prefix = tower && tower.name !== '' ? `${tower.name}.` : '';
  const entry = session.entry(`${prefix}hook_embed`) ?? session.entry(`${prefix}blocks.0.hook_resid_pre`);
  if (!entry) throw new CogscopeError('refused', 'This model’s embeddings were not found, so there is nothing to add noise to', 'Use activation patching');
  return entry;
}

/** The standard deviation of all elements of the embedding matrix. */
function spreadOf(session: ModelSession): number {
  const weight = readingTower(session)?.embed?.value.producer?.inputs[0]?.weight;
  if (!weight || !isFloat(weight)) throw new CogscopeError('refused', 'The spread of this model’s embeddings is not told by one matrix of the file', 'Use activation patching');
  const { data } = readFloats(session.model, weight);
  let [sum, squares] = [0, 0];
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(Math.max(0, squares / data.length - (sum / data.length) ** 2));
}

/** Positions of the tokens that the subject's words touch. */
function subjectOf(tokens: readonly TokenInfo[], experiment: Tracing, pair: number): readonly number[] {
  const source = experiment.pairs[pair];
  const subject = source?.subject ?? experiment.subject;
  if (typeof source?.clean !== 'string') throw new CogscopeError('usage', 'A subject is found in a text, and the prompt is given as ids', 'Give the prompt as text');
  const from = source.clean.indexOf(subject);
  if (subject === '' || from < 0) throw new CogscopeError('usage', `The subject ${JSON.stringify(subject)} is not in the prompt`, 'Copy it from the prompt as it stands there');
  const positions = tokens.flatMap((token, position) => (token.start < from + subject.length && token.end > from ? [position] : []));
  if (positions.length === 0) throw new CogscopeError('usage', `No token of the prompt covers the subject ${JSON.stringify(subject)}`, 'Choose whole words');
  return positions;
}

interface NoisyRun extends Pick<BaseRequest, 'keep' | 'position'> {
  readonly pair: number;
  readonly positions: readonly number[];
}

/** One row a sample. Deviates in the order sample, position, dimension. */
async function noisyRun(context: Context, { samples, seed, deviation }: Noise, { pair, positions, keep, position }: NoisyRun): Promise<Base> {
  const entry = embedding(context.session);
  const tokens: TowerTokens = context.pairs[pair]?.clean ?? new Map();
  const pos = tokens.get(entry.tower.name)?.length ?? null;
  const disturb = (tensor: Tensor, firstRow: number): Tensor => {
    const values = Float32Array.from(toFloat32(tensor));
    const rows = Math.max(1, Math.round((tensor.dims[0] ?? 1) / (entry.place.layout[0]?.includes('pos') ? pos ?? 1 : 1)));
    const size = stretches(tensor, entry.place, { batch: rows, pos }, 0, { position: 0 }).reduce((sum, { length }) => sum + length, 0);
    const drawn = normals(samples * positions.length * size, seed);
    for (let row = 0; row < rows; row++) {
      positions.forEach((at, index) => {
        const first = ((firstRow + row) * positions.length + index) * size;
        const indices = stretches(tensor, entry.place, { batch: rows, pos }, row, { position: at }).flatMap(({ from, length }) => Array.from({ length }, (_, step) => from + step));
        indices.forEach((element, step) => (values[element] = (values[element] ?? 0) + deviation * (drawn[first + step] ?? 0)));
      });
    }
    return { ...tensor, data: tensor.type === 'float16' ? toFloat16([...values]) : values };
  };
  return await baseRun(context, { tokens, position, keep, rows: samples, edits: [{ value: entry.place.value, apply: disturb }] });
}
