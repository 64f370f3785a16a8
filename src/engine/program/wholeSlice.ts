import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { GraphNode } from '../onnx/graph.ts';

/** Whether a Slice keeps everything (`hidden[:, slice(None), :]`), as some exporters write before the unembedding. */
export function isWholeSlice(node: GraphNode, types: TypeTable): boolean {
  const [, starts, ends, , steps] = node.inputs;
  const all = (value: typeof starts, test: (n: number) => boolean): boolean => {
    const content = value && types.of(value).content;
    return content !== undefined && content.every((dim) => {
      const n = asNumber(dim);
      return n !== undefined && test(n);
    });
  };
  return all(starts, (n) => n === 0) && all(ends, (n) => n >= 0x7fffffff) && (steps === undefined || all(steps, (n) => n === 1));
}
