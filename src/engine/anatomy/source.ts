/** The exporter's record of the Python line that made a node (torch: `pkg.torch.onnx.stack_trace`). */
import type { GraphNode } from '../onnx/graph.ts';
import type { SourceLine } from '../../shared/summary.ts';

const traceKey = 'pkg.torch.onnx.stack_trace';

/** Frames of a node's record, innermost first; empty without a record. */
export function sourceFrames(node: GraphNode): readonly SourceLine[] {
  const entry = node.proto.metadataProps.find((property) => property.key === traceKey);
  return entry?.value ? parseTrace(entry.value) : [];
}

/** The line in the model's own code: the innermost frame that is not in a library. */
export function sourceLine(node: GraphNode): SourceLine | null {
  const frames = sourceFrames(node);
  return frames.find((frame) => !isLibrary(frame.file)) ?? frames[0] ?? null;
}

const isLibrary = (file: string): boolean => /(^|[\\/])torch[\\/]/.test(file) || file.startsWith('<');

/** Reads `File "x.py", line 3, in forward` with the code on the next line; outermost frame first in the record. */
export function parseTrace(trace: string): readonly SourceLine[] {
  const frames: SourceLine[] = [];
  const lines = trace.split('\n');
  lines.forEach((text, index) => {
    const match = /^\s*File "(.+)", line (\d+), in /.exec(text);
    if (!match?.[1] || !match[2]) return;
    const code = lines[index + 1] ?? '';
    frames.push({ file: match[1], line: Number(match[2]), code: code.startsWith('  File') ? '' : code.trim() });
  });
  return frames.reverse();
}
