/** The strongest of many effects on the logits, found beside them: vectors times vocabulary never leave the runtime. */
import { FLOAT, INT32 } from '../../onnx/elementType.ts';
import type { Value } from '../../onnx/graph.ts';
import type { Probe } from '../../program/program.ts';
import { ProbeBuilder } from '../probes/builder.ts';

/** Tokens that are kept of either end. */
export const RANKED = 10;

export const rankFeed = 'cogscope#base';
export const rankOutputs = { top: 'cogscope#top', topIds: 'cogscope#top-ids', bottom: 'cogscope#bottom', bottomIds: 'cogscope#bottom-ids' } as const;

/** Of the logits less those of a state of zeros: one copy of them, since with a large vocabulary each takes as long as a good part of the product. */
export function rankProbe(logits: Value, opset: number): Probe {
  const of = new ProbeBuilder('cogscope#rank', opset);
  const effects = of.op('Sub', [of.op('Cast', [logits.name], { to: FLOAT }), rankFeed]);
  const ids = (places: string, name: string): string => of.op('Cast', [places], { to: INT32 }, name);
  ids(of.topK(effects, RANKED, rankOutputs.top), rankOutputs.topIds);
  ids(of.bottomK(effects, RANKED, rankOutputs.bottom), rankOutputs.bottomIds);
  return {
    value: logits, nodes: of.nodes,
    inputs: [{ name: rankFeed, elemType: FLOAT, shape: [1, 1, 'vocab'] }],
    outputs: [
      { name: rankOutputs.top, elemType: FLOAT }, { name: rankOutputs.topIds, elemType: INT32 },
      { name: rankOutputs.bottom, elemType: FLOAT }, { name: rankOutputs.bottomIds, elemType: INT32 },
    ],
  };
}
