/** The way from the last state to the logits, as the model's own last stage computes it, fed with states of our choice. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Tower } from '../../anatomy/types.ts';
import type { Value } from '../../onnx/graph.ts';
import { elemTypeOf, makeTensor, toFloat32 } from '../../ort/tensor.ts';
import type { Tensor } from '../../ort/tensor.ts';
import { predictingTower } from '../../program/chain.ts';
import type { Program } from '../../program/program.ts';
import type { ModelSession } from '../../session.ts';

/** Where the tail begins. */
export interface TailPlan {
  readonly tower: Tower;
  /** The state behind the last block. */
  readonly cut: Value;
  /** What else the tail reads: to be kept of the run. */
  readonly crossing: readonly Value[];
  readonly program: Program;
}

/** A run whose last state the tail is fed in the form of. */
export interface TailRun {
  readonly inputs: ReadonlyMap<Value, Tensor>;
  readonly state: Tensor;
  readonly crossing: ReadonlyMap<Value, Tensor>;
}

/** Vectors of one call, and logits of one call: 64 MB. */
const MOST_VECTORS = 256;
const MOST_LOGITS = 1 << 24;

/** Throws 'refused' where states of the model cannot be read as tokens, with the reason. */
export function planTail(session: ModelSession): TailPlan {
  const program = session.getProgram();
  const { anatomy } = session;
  const tower = predictingTower(anatomy);
  if (!tower) {
    const refused = anatomy.refused.find(({ what }) => what === 'Predictions');
    throw new CogscopeError('refused', 'The model’s output is not recognised as logits over a vocabulary, so its states cannot be read as tokens', 'Choose a language model', '', refused?.reason ?? '');
  }
  if (tower.norm === 'post') {
    throw new CogscopeError('refused', 'Each layer’s norm stands behind its sum, so that no state but the last is what the unembedding reads, and nothing adds up to a logit', 'Choose a model whose norms stand before its layers');
  }
  const cut = tower.blocks.at(-1)?.residPost.value;
  const crossing = cut && program.crossing(cut);
  if (!cut || !crossing) throw new CogscopeError('refused', 'The way from the last state to the logits cannot be run by itself', 'See the overview for what was recognised');
  return { tower, cut, crossing, program };
}

export class Tail {
  /** Of a state. */
  readonly width: number;
  private readonly plan: TailPlan;
  private readonly run: TailRun;
  /** Positions of the run: each call has as many, or a multiple. */
  private readonly length: number;
  private readonly vocab: number;

  constructor(plan: TailPlan, run: TailRun) {
    const { state } = run;
    this.plan = plan;
    this.run = run;
    this.width = state.dims.at(-1) ?? 1;
    this.length = state.data.length / this.width;
    this.vocab = plan.tower.vocab ?? 1;
  }

  /** Logits of `vectors` [count, width], handed out one after the other; a row is only lent. Rejects with 'cancelled' between calls. */
  async each(vectors: Float32Array, signal: AbortSignal, use: (index: number, logits: Float32Array) => void): Promise<void> {
    const { cut, program } = this.plan;
    const { shape } = program;
    const count = vectors.length / this.width;
    const most = Math.max(1, Math.min(MOST_VECTORS, Math.floor(MOST_LOGITS / this.vocab)));
    // Elsewhere positions and rows may change each other's numbers.
    const isFree = shape.tailByPosition && shape.stackable;
    const room = isFree ? Math.max(1, Math.floor(most / this.length)) : 1;
    for (let start = 0; start < count;) {
      const rows = Math.min(room, Math.ceil((count - start) / this.length));
      const state = this.stateOf(vectors.subarray(start * this.width, (start + rows * this.length) * this.width), rows);
      const used = Math.min(this.length, count - start);
      const step = shape.tailByPosition ? Math.max(1, Math.floor(most / rows)) : this.length;
      for (let from = 0; from < used; from += step) {
        const positions = Array.from({ length: Math.min(step, used - from) }, (_, at) => from + at);
        const { logits } = await program.run({ inputs: this.run.inputs, from: { cut, state, rows, crossing: this.run.crossing }, logits: shape.tailByPosition ? positions : 'all', signal });
        if (!logits) throw new CogscopeError('internal', 'The last stage gave no logits');
        const data = toFloat32(logits);
        const made = shape.tailByPosition ? positions.length : this.length;
        const vocab = data.length / rows / made;
        for (let row = 0; row < rows; row++) {
          positions.forEach((position, at) => {
            const index = start + row * this.length + position;
            if (index < count) use(index, data.subarray((row * made + at) * vocab, (row * made + at + 1) * vocab));
          });
        }
      }
      start += rows * this.length;
    }
  }

  /** All at once, for few: [count, vocab]. */
  async logits(vectors: Float32Array, signal: AbortSignal): Promise<Float32Array> {
    const rows: Float32Array[] = [];
    await this.each(vectors, signal, (index, logits) => (rows[index] = logits.slice()));
    const vocab = rows[0]?.length ?? 0;
    const all = new Float32Array(rows.length * vocab);
    rows.forEach((row, index) => all.set(row, index * vocab));
    return all;
  }

  /** Vectors as the tail takes states; where there are too few, zeros stand behind. */
  private stateOf(vectors: Float32Array, rows: number): Tensor {
    const { state } = this.run;
    const data = new Float32Array(rows * this.length * this.width);
    data.set(vectors);
    const [first = 1, ...rest] = state.dims;
    const dims = [first * rows, ...rest];
    return state.type === 'float32' ? { type: 'float32', dims, data } : makeTensor(elemTypeOf(state), dims, [...data]);
  }
}
