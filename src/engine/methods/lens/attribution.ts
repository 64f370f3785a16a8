/** Direct logit attribution: a token's logit, or the difference of two, as a sum over what each part of the model writes into the stream. */
import { CogscopeError } from '../../../shared/errors.ts';
import { headAddress, prefixOf } from '../../../shared/addresses.ts';
import type { Attribution, AttributionParams, AttributionPart, AttributionProgress } from '../../../shared/protocol/lensApi.ts';
import { along, biasAlong, through } from '../../analysis/lens/products.ts';
import { readOutputMap } from '../../analysis/outputMap.ts';
import { perHead } from '../../anatomy/addresses.ts';
import { toCanonical } from '../../anatomy/canonical.ts';
import type { Attention, Block, Place, Tower } from '../../anatomy/types.ts';
import type { Value } from '../../onnx/graph.ts';
import { toFloat32 } from '../../ort/tensor.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { ModelSession } from '../../session.ts';
import { directionsOf, scalesOf } from './directions.ts';
import { partsOf, rowsAt } from './lens.ts';
import { readQuestion } from './question.ts';
import { planTail, Tail } from './tail.ts';

/** Of what a run keeps for it. */
const MOST_BYTES = 2 ** 29;
/** Rounding of single precision in sums of some hundred parts, relative to the largest of them (house plan, section 5); of half precision. */
const TOLERANCE = 1e-4;
const HALF_TOLERANCE = 2e-2;

export async function attribution(session: ModelSession, params: AttributionParams, progress: (body: AttributionProgress) => void, signal: AbortSignal): Promise<Attribution> {
  const started = performance.now();
  const plan = planTail(session);
  const { tower, program } = plan;
  if (program.shape.sharesScale) throw new CogscopeError('refused', 'The model rounds activations to eight bits by one scale for all positions, so that its parts do not add up to a logit', 'Choose the file in single precision');
  const question = await readQuestion(session, params, tower, 'last');
  const { tokens, positions, inputs, target, distractor } = question;
  if (!target) throw new CogscopeError('usage', 'No token is asked about', 'Give the token whose logit is taken apart');
  const kept = new KeptRows(tokens.length, positions);
  const places = placesOf(session, tower.blocks);
  const streams = [tower.embed, tower.posEmbed, ...tower.blocks.flatMap((block) => [block.start, block.residPost])].filter((place) => place !== null);
  const width = tower.dModel ?? 0;
  if ((streams.length + places.length) * positions.length * width * 4 > MOST_BYTES) throw new CogscopeError('refused', `${positions.length} positions of ${places.length} parts are more than fits into memory at once`, 'Ask for fewer positions');
  const crossing = new Map<Value, Tensor>();
  let last: Tensor | undefined;
  await program.run({
    inputs, signal, passing: true, logits: 'none',
    taps: [...new Set([...[...streams, ...places.flatMap(({ out, z }) => [out, ...(z ? [z] : [])])].map(({ value }) => value), plan.cut, ...plan.crossing])],
    onStage: ({ taps, stage, stages }) => {
      for (const place of [...streams, ...places.map(({ out }) => out)]) kept.stream(place, taps.get(place.value));
      for (const { z } of places) if (z) kept.heads(z, taps.get(z.value));
      for (const value of plan.crossing) {
        const tensor = taps.get(value);
        if (tensor) crossing.set(value, tensor);
      }
      last = taps.get(plan.cut) ?? last;
      progress({ kind: 'stage', done: stage, of: stages });
    },
  });
  const end = tower.blocks.at(-1)?.residPost;
  if (!last || !end) throw new CogscopeError('internal', 'The run gave no last state');
  const tail = new Tail(plan, { inputs, state: last, crossing });
  const ids = [target.id, ...(distractor ? [distractor.id] : [])];
  const directions = await directionsOf(session, tail, ids, (done, of) => progress({ kind: 'direction', done, of }), signal);
  const { scale, logits } = await scalesOf(session, tail, directions, kept.of(end), ids, signal);
  const difference = (of: (id: number) => number): number => of(target.id) - (distractor ? of(distractor.id) : 0);
  const direction = Float64Array.from({ length: tail.width }, (_, at) => difference((id) => directions.of.get(id)?.[at] ?? NaN));
  const sums = new Sums(session, kept, direction, scale);
  const prefix = prefixOf(tower.name);
  const [first] = tower.blocks;
  const parts: readonly AttributionPart[] = [
    ...(first ? sums.embedding(prefix, tower, first.start) : []),
    ...tower.blocks.flatMap((block) => sums.block(prefix, tower.name, block, places.filter(({ layer }) => layer === block.index))),
    { address: `${prefix}bias`, kind: 'bias', layer: null, values: new Float32Array(positions.length).fill(difference((id) => directions.base[id] ?? NaN)) },
  ];
  const logit = Float32Array.from(positions, (_, at) => difference((id) => logits.get(id)?.[at] ?? NaN));
  const remainder = logit.map((value, at) => value - parts.reduce((sum, { values }) => sum + (values[at] ?? NaN), 0));
  const largest = parts.reduce((most, { values }) => values.reduce((more, value) => Math.max(more, Math.abs(value)), most), 1);
  return {
    tokens, towers: Object.fromEntries(question.towers), filled: question.filled, positions, target, distractor, weights: 'raw', norm: directions.norm, scale: Float32Array.from(scale),
    parts, logit, remainder, tolerance: (session.isHalf ? HALF_TOLERANCE : TOLERANCE) * largest, notes: sums.notes, ms: performance.now() - started,
  };
}

interface PartPlace {
  readonly layer: number;
  readonly part: 'attention' | 'cross' | 'mlp';
  readonly out: Place;
  /** Of attention whose heads can be told apart. */
  readonly z: Place | null;
}

/** Parts of the blocks, but for those that a check has taken back. */
function placesOf(session: ModelSession, blocks: readonly Block[]): readonly PartPlace[] {
  const given = new Set(session.addresses.map(({ place }) => place));
  return blocks.flatMap((block) => partsOf(block).filter(({ place }) => given.has(place)).map(({ part, place }): PartPlace => {
    const attention = part === 'mlp' ? null : attentionOf(block, part);
    return { layer: block.index, part, out: place, z: attention && given.has(attention.z) ? attention.z : null };
  }));
}

const attentionOf = ({ attention, cross }: Block, part: 'attention' | 'cross'): Attention | null => (part === 'cross' ? cross : attention);

/** Rows of a run's tensors at the positions that are asked for. */
class KeptRows {
  private readonly length: number;
  private readonly positions: readonly number[];
  private readonly rows = new Map<Value, Float32Array>();

  constructor(length: number, positions: readonly number[]) {
    this.length = length;
    this.positions = positions;
  }

  /** [positions, width] */
  stream(place: Place, tensor: Tensor | undefined): void {
    if (tensor) this.rows.set(place.value, rowsAt(place, tensor, this.length, this.positions));
  }

  /** [positions, heads * dHead] */
  heads(place: Place, tensor: Tensor | undefined): void {
    if (!tensor) return;
    const { data } = toCanonical(toFloat32(tensor), tensor.dims, place, perHead, { batch: 1, pos: this.length });
    const size = data.length / this.length;
    const rows = new Float32Array(this.positions.length * size);
    this.positions.forEach((position, at) => rows.set(data.subarray(position * size, (position + 1) * size), at * size));
    this.rows.set(place.value, rows);
  }

  of(place: Place): Float32Array {
    const rows = this.rows.get(place.value);
    if (!rows) throw new CogscopeError('internal', `The run gave no ${place.value.name}`);
    return rows;
  }

  has(place: Place): boolean {
    return this.rows.has(place.value);
  }
}

/** What parts write along a direction, divided by the norm's scale at each position. */
class Sums {
  readonly notes: string[] = [];
  private readonly session: ModelSession;
  private readonly kept: KeptRows;
  private readonly direction: Float64Array;
  private readonly scale: Float64Array;

  constructor(session: ModelSession, kept: KeptRows, direction: Float64Array, scale: Float64Array) {
    this.session = session;
    this.kept = kept;
    this.direction = direction;
    this.scale = scale;
  }

  /** Token and position embeddings where the first state is their sum, else the first state. A table of positions that is added as it is in the file is no tensor of a run: it is the rest. */
  embedding(prefix: string, { embed, posEmbed, positions }: Tower, first: Place): readonly AttributionPart[] {
    const whole = this.written(first);
    if (embed && this.kept.has(embed)) {
      const own = this.written(embed);
      const rest = positions === 'learned' && !posEmbed ? whole.map((value, at) => value - (own[at] ?? NaN)) : null;
      const position = posEmbed && this.kept.has(posEmbed) ? this.written(posEmbed) : rest;
      if (whole.every((value, at) => this.isNothing(value - (own[at] ?? NaN) - (position ? position[at] ?? NaN : 0), at))) {
        return [
          { address: `${prefix}hook_embed`, kind: 'embedding', layer: null, values: this.scaled(own) },
          ...(position ? [{ address: `${prefix}hook_pos_embed`, kind: 'position', layer: null, values: this.scaled(position) } as const] : []),
        ];
      }
    }
    return [{ address: `${prefix}blocks.0.hook_resid_pre`, kind: 'embedding', layer: null, values: this.scaled(whole) }];
  }

  block(prefix: string, tower: string, block: Block, places: readonly PartPlace[]): readonly AttributionPart[] {
    const at = `${prefix}blocks.${block.index}`;
    const [before, after] = [this.written(block.start), this.written(block.residPost)];
    const rest = after.map((value, row) => value - (before[row] ?? NaN));
    const parts = places.flatMap((place): readonly AttributionPart[] => {
      const own = this.written(place.out);
      own.forEach((value, row) => (rest[row] = (rest[row] ?? NaN) - value));
      const hook = { attention: 'attn', cross: 'cross_attn', mlp: 'mlp' }[place.part];
      const heads = place.part === 'mlp' ? null : this.heads(at, tower, block, place, own);
      return heads ?? [{ address: `${at}.hook_${hook}_out`, kind: place.part, layer: block.index, values: this.scaled(own) }];
    });
    return rest.every((value, row) => this.isNothing(value, row)) ? parts : [...parts, { address: at, kind: 'rest', layer: block.index, values: this.scaled(rest) }];
  }

  /** Null where heads cannot be told apart, which is noted. */
  private heads(at: string, tower: string, block: Block, { part, z }: PartPlace, own: Float64Array): readonly AttributionPart[] | null {
    const kind = part === 'cross' ? 'cross' : 'self';
    const attention = attentionOf(block, part === 'cross' ? 'cross' : 'attention');
    const refuse = (reason: string): null => {
      this.notes.push(`Heads of ${at}${kind === 'cross' ? ' (cross attention)' : ''} are not taken apart: ${reason}`);
      return null;
    };
    if (!attention || !z || attention.heads === null) return refuse('they are not read');
    const map = readOutputMap(this.session.model, attention);
    if (typeof map === 'string') return refuse(`${map.charAt(0).toLowerCase()}${map.slice(1)}`);
    const unit = through(map, this.direction);
    const rows = this.kept.of(z);
    const size = rows.length / own.length;
    if (size !== unit.length) return refuse('the output projection has another width than they');
    const width = size / attention.heads;
    const heads = Array.from({ length: attention.heads }, (_, head) => Float64Array.from(own, (_value, row) => {
      let sum = 0;
      for (let index = head * width; index < (head + 1) * width; index++) sum += (rows[row * size + index] ?? NaN) * (unit[index] ?? NaN);
      return sum;
    }));
    const bias = biasAlong(map, this.direction);
    if (!own.every((value, row) => this.isNothing(heads.reduce((left, head) => left - (head[row] ?? NaN), value - bias), row))) return refuse('what they write does not add up to what the layer adds');
    return [
      ...heads.map((values, head): AttributionPart => ({ address: headAddress(tower, block.index, head, kind), kind: 'head', layer: block.index, values: this.scaled(values) })),
      ...(bias === 0 ? [] : [{ address: `${at}.${kind === 'cross' ? 'cross_attn' : 'attn'}.b_O`, kind: 'attention-bias', layer: block.index, values: this.scaled(Float64Array.from(own, () => bias)) } as const]),
    ];
  }

  /** [positions], before the scale. */
  private written(place: Place): Float64Array {
    return along(this.kept.of(place), this.direction);
  }

  private scaled(values: Float64Array): Float32Array {
    return Float32Array.from(values, (value, at) => value / (this.scale[at] ?? NaN));
  }

  /** No more than rounding, in units of the logit. */
  private isNothing(value: number, at: number): boolean {
    return Math.abs(value / (this.scale[at] ?? NaN)) <= (this.session.isHalf ? HALF_TOLERANCE : TOLERANCE);
  }
}
