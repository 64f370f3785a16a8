/** The logit lens (nostalgebraist 2020): every state of the residual stream read by the final norm and the unembedding, as if the model ended there. */
import { prefixOf } from '../../../shared/addresses.ts';
import { CogscopeError } from '../../../shared/errors.ts';
import type { LayerAdded, Lens, LensFrame, LensParams, LensProgress, LensRow, TokenStanding } from '../../../shared/protocol/lensApi.ts';
import { readLogits } from '../../analysis/lens/readout.ts';
import { rank } from '../../analysis/metrics.ts';
import { residual } from '../../anatomy/addresses.ts';
import { toCanonical } from '../../anatomy/canonical.ts';
import type { Block, Place, Tower } from '../../anatomy/types.ts';
import type { Value } from '../../onnx/graph.ts';
import { toFloat32 } from '../../ort/tensor.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { ModelSession } from '../../session.ts';
import { readQuestion } from './question.ts';
import { planTail, Tail } from './tail.ts';

const TOP = 5;

interface State {
  readonly address: string;
  readonly layer: number;
  readonly place: Place;
}

export async function readLens(session: ModelSession, params: LensParams, progress: (body: LensProgress) => void, signal: AbortSignal): Promise<Lens> {
  const started = performance.now();
  const plan = planTail(session);
  const { tower, program } = plan;
  const question = await readQuestion(session, params, tower, 'all');
  const { tokens, positions, inputs, target, distractor } = question;
  const top = params.top ?? TOP;
  if (!Number.isSafeInteger(top) || top < 1 || top > 100) throw new CogscopeError('usage', `A lens shows 1 to 100 tokens a state, not ${top}`, 'Choose a number between');
  const states = statesOf(tower, params.mid ?? false);
  const frame: LensFrame = {
    tokens, towers: Object.fromEntries(question.towers), filled: question.filled, states: states.map(({ address, layer }) => ({ address, layer })), positions, top, target, distractor,
  };
  progress({ kind: 'started', frame });
  const vectors = (place: Place, tensor: Tensor): Float32Array => rowsAt(place, tensor, tokens.length, positions);
  const kept = new Map<Value, Float32Array>();
  const added = new Map<number, LayerAdded>();
  const crossing = new Map<Value, Tensor>();
  let last: Tensor | undefined;
  await program.run({
    inputs, signal, passing: true, logits: 'none',
    taps: [...new Set([...states.map(({ place }) => place.value), plan.cut, ...plan.crossing, ...tower.blocks.flatMap((block) => partsOf(block).map(({ place }) => place.value))])],
    onStage: ({ taps, stage, stages }) => {
      for (const { place } of states) {
        const tensor = taps.get(place.value);
        if (tensor) kept.set(place.value, vectors(place, tensor));
      }
      for (const value of plan.crossing) {
        const tensor = taps.get(value);
        if (tensor) crossing.set(value, tensor);
      }
      last = taps.get(plan.cut) ?? last;
      for (const block of tower.blocks) {
        const norms = partsOf(block).flatMap(({ part, place }) => {
          const tensor = taps.get(place.value);
          return tensor ? [[part, normsOf(vectors(place, tensor), positions.length)] as const] : [];
        });
        if (norms.length === 0) continue;
        const layer = { layer: block.index, attention: null, cross: null, mlp: null, ...added.get(block.index), ...Object.fromEntries(norms) };
        added.set(block.index, layer);
        progress({ kind: 'added', added: layer });
      }
      progress({ kind: 'stage', stage, stages });
    },
  });
  if (!last) throw new CogscopeError('internal', 'The run gave no last state');
  const tail = new Tail(plan, { inputs, state: last, crossing });
  const all = new Float32Array(states.length * positions.length * tail.width);
  states.forEach(({ place }, index) => all.set(kept.get(place.value) ?? [], index * positions.length * tail.width));
  const rows: LensRow[] = [];
  let reading: RowReading | undefined;
  await tail.each(all, signal, (index, logits) => {
    const state = Math.floor(index / positions.length);
    if (reading?.row.state !== state) reading = new RowReading(frame, state, normsOf(all.subarray(state * positions.length * tail.width, (state + 1) * positions.length * tail.width), positions.length), (id) => session.decode(id));
    const at = index % positions.length;
    reading.add(at, logits);
    if (at < positions.length - 1) return;
    rows.push(reading.row);
    progress({ kind: 'row', row: reading.row });
  });
  return { frame, rows, added: [...added.values()], ms: performance.now() - started };
}

/** Before each block, perhaps between its halves, and behind the last. */
function statesOf({ name, blocks }: Tower, mid: boolean): readonly State[] {
  const at = (block: Block, hook: string, place: Place | null): readonly State[] => (place ? [{ address: `${prefixOf(name)}blocks.${block.index}.${hook}`, layer: block.index, place }] : []);
  return blocks.flatMap((block, index) => [
    ...at(block, 'hook_resid_pre', block.residPre), ...(mid ? [...at(block, 'hook_resid_mid', block.residMid), ...at(block, 'hook_resid_mid_cross', block.residMidCross)] : []),
    ...(index === blocks.length - 1 ? at(block, 'hook_resid_post', block.residPost) : []),
  ]);
}

/** What a block adds to the stream. */
export function partsOf({ attention, cross, mlp }: Block): readonly { readonly part: 'attention' | 'cross' | 'mlp'; readonly place: Place }[] {
  return [
    ...(attention ? [{ part: 'attention' as const, place: attention.out }] : []), ...(cross ? [{ part: 'cross' as const, place: cross.out }] : []), ...(mlp ? [{ part: 'mlp' as const, place: mlp.out }] : []),
  ];
}

/** [positions, width] of a tensor as wide as the stream. */
export function rowsAt(place: Place, tensor: Tensor, length: number, positions: readonly number[]): Float32Array {
  const { data, shape } = toCanonical(toFloat32(tensor), tensor.dims, place, residual, { batch: 1, pos: length });
  const width = shape.at(-1) ?? 1;
  const rows = new Float32Array(positions.length * width);
  positions.forEach((position, at) => rows.set(data.subarray(position * width, (position + 1) * width), at * width));
  return rows;
}

function normsOf(vectors: Float32Array, count: number): Float32Array {
  const width = vectors.length / count;
  return Float32Array.from({ length: count }, (_, at) => {
    let sum = 0;
    for (let index = at * width; index < (at + 1) * width; index++) sum += (vectors[index] ?? 0) ** 2;
    return Math.sqrt(sum);
  });
}

/** A row of the lens while its positions come in. */
class RowReading {
  readonly row: LensRow;
  private readonly frame: LensFrame;
  private readonly decode: (id: number) => string;
  private readonly names: Record<number, string> = {};

  constructor(frame: LensFrame, state: number, norm: Float32Array, decode: (id: number) => string) {
    const count = frame.positions.length;
    const standing = (): TokenStanding => ({ logit: new Float32Array(count), probability: new Float32Array(count), rank: new Float32Array(count) });
    this.frame = frame;
    this.decode = decode;
    this.row = {
      state, norm, names: this.names, ids: new Uint32Array(count * frame.top), logits: new Float32Array(count * frame.top).fill(NaN), probabilities: new Float32Array(count * frame.top).fill(NaN),
      entropy: new Float32Array(count), target: frame.target && standing(), distractor: frame.distractor && standing(),
    };
  }

  add(at: number, logits: Float32Array): void {
    const { row, frame: { top, target, distractor } } = this;
    const { best, logSum, entropy } = readLogits(logits, top);
    row.entropy[at] = entropy;
    best.forEach((id, place) => {
      const logit = logits[id] ?? NaN;
      row.ids[at * top + place] = id;
      row.logits[at * top + place] = logit;
      row.probabilities[at * top + place] = Math.exp(logit - logSum);
      this.names[id] ??= this.decode(id);
    });
    for (const [token, standing] of [[target, row.target], [distractor, row.distractor]] as const) {
      if (!token || !standing) continue;
      const logit = logits[token.id] ?? NaN;
      standing.logit[at] = logit;
      standing.probability[at] = Math.exp(logit - logSum);
      standing.rank[at] = rank(logits, logit);
    }
  }
}
