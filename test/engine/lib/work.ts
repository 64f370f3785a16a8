/**
 * Multiplications of matrix products, counted from the shapes that ONNX Runtime itself makes: of every session that is run while something
 * is watched, and of a whole file, node by node.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TestContext } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, ValueInfoProtoSchema } from '../../../src/engine/onnx/proto/onnx_pb.js';
import type { NodeProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import type { SlimModel } from '../../../src/engine/onnx/slim.ts';
import { OrtSession } from '../../../src/engine/ort/session.ts';
import { elementCount } from '../../../src/engine/program/tensors.ts';
import { makeTensor } from '../../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../../src/engine/ort/tensor.ts';
import { INT64 } from '../../lib/protos.ts';

const products: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);

/** A model that tells the shapes of its matrix products. */
class Measured {
  readonly nodes: readonly NodeProto[];
  private readonly model: SlimModel;
  private readonly products: readonly NodeProto[];
  private session: OrtSession | undefined;

  constructor(from: SlimModel) {
    const proto = fromBinary(ModelProtoSchema, from.bytes);
    const { graph } = proto;
    this.nodes = graph?.node ?? [];
    this.products = this.nodes.filter((node) => products.has(node.opType));
    const made = new Set(this.nodes.flatMap((node) => node.output));
    const told = new Set(graph?.output.map((output) => output.name));
    for (const name of new Set(this.products.flatMap((node) => [node.input[0] ?? '', node.output[0] ?? '']))) {
      if (made.has(name) && !told.has(name)) graph?.output.push(create(ValueInfoProtoSchema, { name }));
    }
    this.model = { ...from, bytes: toBinary(ModelProtoSchema, proto) };
  }

  /** Multiplications of each product. */
  async count(feeds: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<NodeProto, number>> {
    if (this.products.length === 0) return new Map();
    this.session ??= await OrtSession.create(this.model, { optimization: 'disabled', threads: 1 });
    const made = new Set(this.nodes.flatMap((node) => node.output));
    const names = new Set(this.products.flatMap((node) => [node.input[0] ?? '', node.output[0] ?? '']));
    const outputs = new Map([...feeds, ...await this.session.run(feeds, [...names].filter((name) => made.has(name)))]);
    return new Map(this.products.map((node) => {
      const [input, output] = [outputs.get(node.input[0] ?? ''), outputs.get(node.output[0] ?? '')];
      if (!input || !output) throw new Error(`the shapes of ${node.name} are not told`);
      return [node, elementCount(output.dims) * (input.dims.at(-1) ?? 0)];
    }));
  }

  async release(): Promise<void> {
    await this.session?.release();
    this.session = undefined;
  }
}

/** Counts what all sessions made from now on do. */
export class WorkWatch {
  private isCounting = false;
  private readonly runs: { readonly measured: Measured; readonly feeds: ReadonlyMap<string, Tensor> }[] = [];

  constructor(t: TestContext) {
    const { create: make } = OrtSession;
    const { run } = OrtSession.prototype;
    const known = new WeakMap<OrtSession, Measured>();
    const isCounting = (): boolean => this.isCounting;
    const { runs } = this;
    t.mock.method(OrtSession, 'create', async (...given: Parameters<typeof make>) => {
      const session = await make.call(OrtSession, ...given);
      if ('bytes' in given[0] && !isCounting()) known.set(session, new Measured(given[0]));
      return session;
    });
    t.mock.method(OrtSession.prototype, 'run', function (this: OrtSession, ...given: Parameters<typeof run>) {
      const measured = known.get(this);
      if (measured) runs.push({ measured, feeds: given[0] });
      return run.call(this, ...given);
    });
  }

  /** What was done since the last time. */
  async take(): Promise<number> {
    this.isCounting = true;
    const runs = this.runs.splice(0);
    let total = 0;
    for (const { measured, feeds } of runs) for (const work of (await measured.count(feeds)).values()) total += work;
    for (const measured of new Set(runs.map((one) => one.measured))) await measured.release();
    this.isCounting = false;
    return total;
  }
}

export interface WholeWork {
  /** Of one run, but for the unembedding, of which it is one position's. */
  readonly all: number;
  /** Of what a tensor of the file reaches, counted so. */
  readonly behind: (tensor: string) => number;
}

export async function wholeWork(path: string, ids: readonly number[]): Promise<WholeWork> {
  const measured = new Measured({ bytes: readFileSync(path), folder: dirname(path) });
  const row = (values: readonly number[]): Tensor => makeTensor(INT64, [1, values.length], values);
  const { graph } = fromBinary(ModelProtoSchema, readFileSync(path));
  const feeds = new Map((graph?.input ?? []).map(({ name }) => [name, row(name === 'attention_mask' ? ids.map(() => 1) : ids)]));
  const work = await measured.count(feeds);
  await measured.release();
  const of = (nodes: Iterable<NodeProto>): number => [...nodes].reduce((sum, node) => sum + (work.get(node) ?? 0) / (node.output.includes('logits') ? ids.length : 1), 0);
  return {
    all: of(measured.nodes),
    behind: (tensor) => {
      const reached = new Set([tensor]);
      // In the graph's own order every reader stands behind what it reads.
      const nodes = measured.nodes.filter((node) => {
        const reads = node.input.some((name) => reached.has(name));
        if (reads) for (const name of node.output) reached.add(name);
        return reads;
      });
      return of(nodes);
    },
  };
}
