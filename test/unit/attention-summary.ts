/** A model's summary for tests of what panels do with one. */
import type { ModelSummary } from '../../src/shared/summary.ts';

export interface Shape {
  readonly layers?: number;
  readonly heads?: number | null;
  readonly context?: number | null;
  readonly vocab?: number;
  readonly tokenizer?: boolean;
  readonly towers?: readonly string[];
  /** The decoder attends to the encoder. */
  readonly cross?: boolean;
}

export function summaryFixture({ layers = 2, heads = 3, context = null, vocab = 100, tokenizer = false, towers = [''], cross = false }: Shape = {}): ModelSummary {
  return {
    model: { path: 'model.onnx', bytes: 1, externalBytes: 0, opset: { '': 20 }, irVersion: 10, producer: 'test', parameters: 1, nodes: 1, weightTypes: { float32: 1 } },
    inputs: [{ name: 'input_ids', type: 'int64', shape: ['batch', 'length'], role: 'ids', filledWith: null }],
    outputs: [{ name: 'logits', type: 'float32', shape: ['batch', 'length', vocab] }],
    towers: towers.map((name) => ({
      name, kind: 'decoder', layers, heads, kvHeads: heads, dHead: 8, dModel: 24, dMlp: null, vocab, context, norm: 'pre', positions: 'learned', causal: true, attendsTo: cross && name === 'dec' ? 'enc' : null, hasLogits: true, takesIds: true,
      convolutions: [], blocks: Array.from({ length: layers }, (_, index) => ({
        index, attention: { heads, kvHeads: heads, dHead: 8 }, cross: cross && name === 'dec' ? { heads, kvHeads: heads, dHead: 8 } : null, mlp: null, source: [], attentionSource: null, crossSource: null, mlpSource: null,
      })),
    })),
    refused: [],
    sourceLines: { nodes: 1, withSource: 0, files: [] },
    tokenizer: tokenizer ? { path: 'tokenizer.json', kind: 'BPE' } : { missing: 'No tokenizer beside the model or up to two folders above it' },
    runnable: true,
    ms: { read: 1, anatomy: 1 },
  };
}
