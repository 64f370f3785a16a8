/** Which line calls a layer, its attention or its MLP: the innermost one that everything of it was made below. */
import type { GraphNode } from '../onnx/graph.ts';
import type { LayerPart } from '../../shared/sourceMap.ts';
import type { SourceLine } from '../../shared/summary.ts';
import type { FrameReader } from './source.ts';
import { keyOf } from './sourceDrafts.ts';
import type { SourceDrafts } from './sourceDrafts.ts';
import type { Block, Tower } from './types.ts';
import { nodesBetween } from './walk.ts';

/** A part whose code stands in the layer itself is called by no line of its own. */
export function addCalls(towers: readonly Tower[], frames: FrameReader, drafts: SourceDrafts): void {
  for (const { name: tower, blocks } of towers) {
    for (const block of blocks) {
      const whole = commonLine(nodesBetween(block.start.value, block.residPost.value), frames);
      if (whole) drafts.calls(whole, block.index, { tower, part: 'block' });
      for (const [part, nodes] of partsOf(block)) {
        const line = commonLine(nodes, frames);
        if (line && (!whole || keyOf(line) !== keyOf(whole))) drafts.calls(line, block.index, { tower, part });
      }
    }
  }
}

function partsOf({ start, residMid, residMidCross, attention, cross, mlp }: Block): readonly (readonly [LayerPart, readonly GraphNode[]])[] {
  const afterAttention = residMid ?? start;
  return [
    ...(attention ? [['attention', nodesBetween(start.value, attention.out.value)] as const] : []),
    ...(cross ? [['cross', nodesBetween(afterAttention.value, cross.out.value)] as const] : []),
    ...(mlp ? [['mlp', nodesBetween((residMidCross ?? afterAttention).value, mlp.out.value)] as const] : []),
  ];
}

/** Nodes without a record, which optimisers make, say nothing. */
function commonLine(nodes: readonly GraphNode[], frames: FrameReader): SourceLine | undefined {
  let common: readonly SourceLine[] | undefined;
  for (const node of nodes) {
    const outermostFirst = [...frames(node)].reverse();
    if (outermostFirst.length > 0) common = common ? sharedStart(common, outermostFirst) : outermostFirst;
  }
  return common?.at(-1);
}

function sharedStart(a: readonly SourceLine[], b: readonly SourceLine[]): readonly SourceLine[] {
  const differs = a.findIndex((line, at) => {
    const other = b[at];
    return !other || keyOf(other) !== keyOf(line);
  });
  return differs < 0 ? a : a.slice(0, differs);
}
