/** The way from the last state to the logits, as the model's own last stage computes it, fed with vectors that we choose. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Value } from '../../onnx/graph.ts';
import { elemTypeOf, makeTensor, toFloat32 } from '../../ort/tensor.ts';
import type { Tensor } from '../../ort/tensor.ts';
import { Program } from '../../program/program.ts';
import { requestOf } from '../passes.ts';
import type { IndexedModel, IndexPlan } from '../plan.ts';
import { bareRow } from '../rows.ts';
import { rankFeed, RANKED, rankOutputs, rankProbe } from './rank.ts';

/** Vectors of one run: they stand as positions do. */
const AT_ONCE = 256;

export interface Ranked {
  /** [vectors, RANKED]: the largest first, and of the smallest the most negative first. */
  readonly top: { readonly ids: Int32Array; readonly values: Float32Array };
  readonly bottom: { readonly ids: Int32Array; readonly values: Float32Array };
}

export class LastStage {
  readonly width: number;
  /** Vectors of one run. */
  readonly room: number;
  private readonly program: Program;
  private readonly inputs: ReadonlyMap<Value, Tensor>;
  private readonly cut: Value;
  private readonly state: Tensor;
  private readonly crossing: ReadonlyMap<Value, Tensor>;

  private constructor(own: Pick<LastStage, 'width' | 'room'> & Parts) {
    this.width = own.width;
    this.room = own.room;
    this.program = own.program;
    this.inputs = own.inputs;
    this.cut = own.cut;
    this.state = own.state;
    this.crossing = own.crossing;
  }

  /** A string says why there is no such way. */
  static async open(model: IndexedModel, plan: IndexPlan): Promise<LastStage | string> {
    const { tower, shape } = plan;
    const cut = shape.cuts.at(-1);
    if (!shape.logits || !tower.logits) return 'The model scores no vocabulary';
    if (!cut || !shape.tailByPosition) return 'The last stage does not score each position by itself';
    const opset = model.model.opset.get('') ?? 0;
    if (opset < 10) return 'The file’s operator set is too old for it';
    const room = plan.fixed ?? Math.min(AT_ONCE, tower.context ?? AT_ONCE);
    const program = new Program(model.model, model.types, { ...shape, taps: [] }, { ...model.program, probes: [rankProbe(shape.logits, opset)] });
    try {
      const made = await LastStage.behind(cut, room, program, model, plan);
      if (typeof made === 'string') await program.release();
      return made;
    } catch (error) {
      await program.release();
      throw error;
    }
  }

  private static async behind(cut: Value, room: number, program: Program, model: IndexedModel, plan: IndexPlan): Promise<LastStage | string> {
    const crossing = program.crossing(cut);
    if (!crossing) return 'What the last stage reads besides the stream cannot be made again';
    const { inputs } = requestOf({ rows: [{ id: 0, row: bareRow(new Uint32Array(room)) }], length: room }, [], model, plan, undefined);
    const { taps } = await program.run({ inputs, taps: [cut, ...crossing], logits: 'none' });
    const state = taps.get(cut);
    const width = state?.dims.at(-1) ?? 0;
    if (!state || state.data.length !== room * width) return 'The last state is not one vector a token';
    return new LastStage({ width, room, program, inputs, cut, state, crossing: new Map(crossing.flatMap((value) => {
      const tensor = taps.get(value);
      return tensor ? [[value, tensor] as const] : [];
    })) });
  }

  /** Logits of {@link room} positions whose last states are these vectors. */
  async logits(vectors: Float32Array, signal: AbortSignal): Promise<Float32Array> {
    const { logits } = await this.program.run({ inputs: this.inputs, from: this.from(vectors), signal });
    if (!logits) throw new CogscopeError('internal', 'The last stage gave no logits');
    return toFloat32(logits);
  }

  /** What is largest and smallest of `(logits - base) * scale`, `scale` being one for each vector, none below 0. */
  async ranked(vectors: Float32Array, base: Float32Array, scale: Float32Array, signal: AbortSignal): Promise<Ranked> {
    const probeFeeds = new Map<string, Tensor>([[rankFeed, { type: 'float32', dims: [1, 1, base.length], data: base }]]);
    const { probed } = await this.program.run({ inputs: this.inputs, from: this.from(vectors), logits: 'none', probeFeeds, signal });
    const integers = (name: string): Int32Array => probed.get(name)?.data as Int32Array;
    const scaled = (name: string): Float32Array => (probed.get(name)?.data as Float32Array).map((value, at) => value * (scale[Math.floor(at / RANKED)] as number));
    return {
      top: { ids: integers(rankOutputs.topIds), values: scaled(rankOutputs.top) },
      bottom: { ids: integers(rankOutputs.bottomIds), values: scaled(rankOutputs.bottom) },
    };
  }

  release(): Promise<void> {
    return this.program.release();
  }

  private from(vectors: Float32Array): { readonly cut: Value; readonly state: Tensor; readonly rows: number; readonly crossing: ReadonlyMap<Value, Tensor> } {
    const state: Tensor = this.state.type === 'float32' ? { ...this.state, data: vectors } : makeTensor(elemTypeOf(this.state), this.state.dims, [...vectors]);
    return { cut: this.cut, state, rows: 1, crossing: this.crossing };
  }
}

interface Parts {
  readonly program: Program;
  readonly inputs: ReadonlyMap<Value, Tensor>;
  readonly cut: Value;
  readonly state: Tensor;
  readonly crossing: ReadonlyMap<Value, Tensor>;
}
