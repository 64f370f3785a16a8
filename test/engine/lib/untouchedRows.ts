/** A model's file with its own tensors as further outputs, run row by row by ONNX Runtime without anything of ours. */
import { readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import ort from 'onnxruntime-node';
import { ModelProtoSchema } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { FLOAT, valueInfo } from '../../lib/protos.ts';
import { openFixture } from '../fixtures.ts';
import type { Opened } from '../fixtures.ts';

export class UntouchedRows {
  private readonly session: ort.InferenceSession;
  private readonly opened: Opened;

  private constructor(session: ort.InferenceSession, opened: Opened) {
    this.session = session;
    this.opened = opened;
  }

  static async open(path: string): Promise<UntouchedRows> {
    const opened = await openFixture(path);
    const proto = fromBinary(ModelProtoSchema, readFileSync(path));
    for (const block of opened.anatomy.towers[0]?.blocks ?? []) {
      for (const place of [block.mlp?.post, block.attention?.pattern, block.residPost]) if (place) proto.graph?.output.push(valueInfo(place.value.name, FLOAT, place.layout.map((_, at) => `axis${at}`)));
    }
    return new UntouchedRows(await ort.InferenceSession.create(toBinary(ModelProtoSchema, proto)), opened);
  }

  /** Of one row: activations [positions, neurons], patterns [heads, positions, positions] and states behind it [positions, width] of a layer. */
  async run(ids: readonly number[], layer: number): Promise<{ readonly post: Float32Array; readonly pattern: Float32Array; readonly state: Float32Array }> {
    const feeds = Object.fromEntries(this.opened.model.graph.inputs.map((input) => {
      const fill = { ids: ids.map(BigInt), mask: ids.map(() => 1n), types: ids.map(() => 0n) }[String(this.opened.anatomy.roles.get(input))];
      return [input.name, new ort.Tensor('int64', BigInt64Array.from(fill ?? []), [1, ids.length])];
    }));
    const outputs = await this.session.run(feeds);
    const block = this.opened.anatomy.towers[0]?.blocks[layer];
    const data = (name: string | undefined): Float32Array => outputs[name ?? '']?.data as Float32Array;
    return { post: data(block?.mlp?.post.value.name), pattern: data(block?.attention?.pattern.value.name), state: data(block?.residPost.value.name) };
  }
}
