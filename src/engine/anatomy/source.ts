/** The exporter's record of the Python line that made a node (torch: `pkg.torch.onnx.stack_trace`). */
import type { GraphNode } from '../onnx/graph.ts';
import type { NodeRecords } from '../onnx/nodeRecords.ts';
import type { SourceLine } from '../../shared/summary.ts';

const traceKey = 'pkg.torch.onnx.stack_trace';

/** A node to the line in the model's own code: the innermost frame that is not in a library. */
export type SourceReader = (node: GraphNode) => SourceLine | null;

/** A node to the lines on the way to it, innermost first, without those in libraries; all of them where there are no others. */
export type FrameReader = (node: GraphNode) => readonly SourceLine[];

/** Reads each distinct record once: layers are made by the same lines, so that few differ. */
export function frameReader(records: NodeRecords): FrameReader {
  const known = new Map<string, readonly SourceLine[]>();
  const traces = new Map<GraphNode, string>();
  return (node) => {
    const trace = traces.get(node) ?? records.value(node.proto, traceKey);
    traces.set(node, trace);
    const read = known.get(trace) ?? ownFrames(parseTrace(trace));
    known.set(trace, read);
    return read;
  };
}

export function sourceReader(records: NodeRecords): SourceReader {
  const frames = frameReader(records);
  return (node) => frames(node)[0] ?? null;
}

const isLibrary = (file: string): boolean => /(^|[\\/])torch[\\/]/.test(file) || file.startsWith('<');

function ownFrames(frames: readonly SourceLine[]): readonly SourceLine[] {
  const own = frames.filter((frame) => !isLibrary(frame.file));
  return own.length > 0 ? own : frames;
}

/** Reads `File "x.py", line 3, in forward` with the code on the next line; outermost frame first in the record, innermost first in the result. */
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
