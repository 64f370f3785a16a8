/** Patterns of models that are told by the host and not run: of any length, with any layers. */
import { sparsePatterns } from '../../src/engine/analysis/patterns.ts';
import type { TokenInfo } from '../../src/shared/protocol/engineApi.ts';
import type { PanelOptions } from './harness.ts';

/** One layer of a model that is told and not run. */
export interface Made {
  readonly tower: string;
  readonly layer: number;
  readonly heads: number;
}

const vocabulary = ['The', ' old', ' keeper', ' of', ' the', ' lighthouse', ' wrote', ' down', ',', ' every', ' night', '.', '\n'];

/** A prompt of many tokens and patterns that resemble real ones: some heads look back a few tokens, some at the start, some far and wide. */
export function made(length: number, layers: readonly Made[], words = vocabulary): { readonly handlers: NonNullable<PanelOptions['handlers']>; weight(head: number, row: number, col: number): number } {
  const tokens = Array.from({ length }, (_, id): TokenInfo => ({ id, text: words[id % words.length] ?? '', start: 0, end: 0, special: false, approximate: false }));
  const most = Math.max(...layers.map((layer) => layer.heads));
  const data = new Float32Array(most * length * length);
  for (let head = 0; head < most; head++) {
    for (let row = 0; row < length; row++) {
      const start = (head * length + row) * length;
      let sum = 0;
      for (let col = 0; col <= row; col++) {
        const weight = Math.exp((((row * 31 + col * 17 + head * 7) % 97) / 97) * 6 - (row - col) / (2 + head * head)) + (col === 0 ? head / 4 : 0);
        data[start + col] = weight;
        sum += weight;
      }
      for (let col = 0; col <= row; col++) data[start + col] = (data[start + col] ?? 0) / sum;
    }
  }
  return {
    weight: (head, row, col) => data[(head * length + row) * length + col] ?? NaN,
    handlers: () => ({
      tokenize: () => ({ tokens, filled: [] }),
      run: (_, context) => {
        context.progress({ kind: 'started', run: 1, stages: layers.length, tokens, towers: { '': tokens }, filled: [] });
        for (const [stage, { tower, layer, heads }] of layers.entries()) {
          const patterns = sparsePatterns({ shape: [1, heads, length, length], data: data.subarray(0, heads * length * length) }, { tower, attention: 'self', layer });
          context.progress({ kind: 'stage', run: 1, stage: stage + 1, stages: layers.length, ms: 1, layers: [patterns] });
        }
        return { run: 1, tokens, towers: { '': tokens }, filled: [], predictions: null, ms: { firstLayer: 1, run: 2 }, nan: [] };
      },
      headWrites: () => ({ top: [], bottom: [] }),
      patternTile: ({ head, row, rows, col, cols }) => ({
        rows, cols, values: Float32Array.from({ length: rows * cols }, (_, at) => data[(head * length + row + Math.floor(at / cols)) * length + col + (at % cols)] ?? NaN),
      }),
    }),
  };
}
