/** The whole file in one plain session of ONNX Runtime, with any tensor handed out, and any tensor given instead of made. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, ValueInfoProtoSchema } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { OrtSession } from '../../../src/engine/ort/session.ts';
import { makeTensor } from '../../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../../src/engine/ort/tensor.ts';
import { FLOAT, INT64, valueInfo } from '../../lib/protos.ts';

/** Of ids, one row. */
export interface UntouchedRun {
  readonly ids: readonly number[];
  /** What takes the place of the tensor that this was opened without. */
  readonly given?: Tensor;
}

export class Untouched {
  private readonly session: OrtSession;
  private readonly inputs: readonly string[];
  private readonly outputs: readonly string[];
  private readonly without: string | undefined;

  private constructor(session: OrtSession, inputs: readonly string[], outputs: readonly string[], without: string | undefined) {
    this.session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.without = without;
  }

  /** `outputs`: names of tensors; `without`: of one that is given in every run, whatever the file makes. */
  static async open(path: string, outputs: readonly string[], without?: string): Promise<Untouched> {
    const proto = fromBinary(ModelProtoSchema, readFileSync(path));
    const { graph } = proto;
    if (!graph) throw new Error(`${path} has no graph`);
    const inputs = graph.input.map((input) => input.name);
    if (without !== undefined) {
      for (const node of graph.node) node.output = node.output.map((name) => (name === without ? `${name} as made` : name));
      graph.input.push(valueInfo(without, FLOAT));
    }
    const known = new Set(graph.output.map((output) => output.name));
    graph.output.push(...outputs.filter((name) => !known.has(name)).map((name) => create(ValueInfoProtoSchema, { name })));
    const session = await OrtSession.create({ bytes: toBinary(ModelProtoSchema, proto), folder: dirname(path) }, { optimization: 'disabled', threads: 1 });
    return new Untouched(session, inputs, outputs, without);
  }

  async run({ ids, given }: UntouchedRun): Promise<ReadonlyMap<string, Tensor>> {
    const row = (values: readonly number[]): Tensor => makeTensor(INT64, [1, values.length], values);
    const feeds = new Map(this.inputs.map((name) => [name, row(name === 'attention_mask' ? ids.map(() => 1) : ids)]));
    if (this.without !== undefined && given) feeds.set(this.without, given);
    return await this.session.run(feeds, this.outputs);
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
