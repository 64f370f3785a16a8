/** Runs passes through the model with probes in its stages, and adds what they made to the tables. */
import type { Tensor } from '../ort/tensor.ts';
import type { ChainShape } from '../program/chain.ts';
import { Program } from '../program/program.ts';
import { mix } from './hash.ts';
import { requestOf } from './passes.ts';
import type { Pass } from './passes.ts';
import type { IndexedModel, IndexPlan } from './plan.ts';
import { headOutputs, mlpOutputs, probesOf } from './probes/probes.ts';
import type { MlpPass } from './state/mlp.ts';
import type { IndexTables } from './store/index.ts';

export class PassRunner {
  private readonly model: IndexedModel;
  private readonly plan: IndexPlan;
  private readonly program: Program;
  private readonly seed: number;

  /** A program of its own: its stages hold the probes. */
  constructor(model: IndexedModel, plan: IndexPlan, seed: number) {
    this.model = model;
    this.plan = plan;
    this.seed = seed;
    this.program = new Program(model.model, model.types, shapeOf(plan), { ...model.program, keepsMemory: true, probes: probesOf(plan, model.model.opset.get('') ?? 0, seed) });
  }

  /** Tokens of a pass that count, as indices into its rows times positions; of every so many one, the same in each run. */
  sampleOf({ rows, length }: Pass, every: number): readonly number[] {
    return rows.flatMap(({ id, row }, index) => {
      const drawn: number[] = [];
      row.scored.forEach((scored, at) => {
        if (scored === 1 && (every === 1 || mix(this.seed, id, at) % every === 0)) drawn.push(index * length + at);
      });
      return drawn;
    });
  }

  async run(pass: Pass, sample: readonly number[], signal: AbortSignal | undefined): Promise<ReadonlyMap<string, Tensor>> {
    // A sample may be empty; a Gather of nothing gives nothing.
    const { probed } = await this.program.run(requestOf(pass, sample, this.model, this.plan, signal));
    return probed;
  }

  /** The sampled activations of each layer, one token after another. */
  samples(made: ReadonlyMap<string, Tensor>): readonly Float32Array[] {
    return this.plan.mlps.map(({ layer }) => floats(made, mlpOutputs(layer).sample));
  }

  add(tables: IndexTables, pass: Pass, made: ReadonlyMap<string, Tensor>, sample: readonly number[]): void {
    for (const mlp of tables.mlps) {
      const names = mlpOutputs(mlp.layer);
      const values: MlpPass = {
        sum: floats(made, names.sum), firing: floats(made, names.firing), largest: floats(made, names.largest), place: integers(made, names.place),
        sample: floats(made, names.sample), sketch: floats(made, names.sketch),
      };
      mlp.add(pass, values, sample);
    }
    for (const heads of tables.heads) {
      const names = headOutputs(heads.layer);
      heads.add(pass, { weight: floats(made, names.weight), dest: integers(made, names.dest), src: integers(made, names.src) });
    }
  }

  release(): Promise<void> {
    return this.program.release();
  }
}

/** Nothing leaves it but what the probes make, and nothing is computed that they do not need: not the logits. */
const shapeOf = ({ shape, small }: IndexPlan): ChainShape => ({ ...shape, taps: [], logits: undefined, ...(small ? { blockCuts: [] } : {}) });

/** The probes cast what they hand out. */
const floats = (made: ReadonlyMap<string, Tensor>, name: string): Float32Array => (made.get(name)?.data ?? new Float32Array()) as Float32Array;
const integers = (made: ReadonlyMap<string, Tensor>, name: string): Int32Array => (made.get(name)?.data ?? new Int32Array()) as Int32Array;
