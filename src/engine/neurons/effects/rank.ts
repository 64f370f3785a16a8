/** The strongest of many effects on the logits, found beside them: vectors times vocabulary never leave the runtime. */
import { FLOAT, INT32 } from '../../onnx/elementType.ts';
import type { Value } from '../../onnx/graph.ts';
import type { Probe } from '../../program/program.ts';
import { ProbeBuilder } from '../probes/builder.ts';

/** Tokens that are kept of either end. */
export const RANKED = 10;

export const rankFeeds = { base: 'cogscope#base', scale: 'cogscope#scale' } as const;
/** The bottom ones are negated. */
export const rankOutputs = { top: 'cogscope#top', topIds: 'cogscope#top-ids', bottom: 'cogscope#bottom', bottomIds: 'cogscope#bottom-ids' } as const;

export function rankProbe(logits: Value, opset: number): Probe {
  const of = new ProbeBuilder('cogscope#rank', opset);
  const effects = of.op('Mul', [of.op('Sub', [of.op('Cast', [logits.name], { to: FLOAT }), rankFeeds.base]), rankFeeds.scale]);
  rank(of, effects, rankOutputs.top, rankOutputs.topIds);
  rank(of, of.op('Neg', [effects]), rankOutputs.bottom, rankOutputs.bottomIds);
  return {
    value: logits, nodes: of.nodes,
    inputs: [{ name: rankFeeds.base, elemType: FLOAT, shape: [1, 1, 'vocab'] }, { name: rankFeeds.scale, elemType: FLOAT, shape: [1, 'vectors', 1] }],
    outputs: [
      { name: rankOutputs.top, elemType: FLOAT }, { name: rankOutputs.topIds, elemType: INT32 },
      { name: rankOutputs.bottom, elemType: FLOAT }, { name: rankOutputs.bottomIds, elemType: INT32 },
    ],
  };
}

function rank(of: ProbeBuilder, effects: string, values: string, ids: string): void {
  const places = of.topK(effects, RANKED, values);
  of.op('Cast', [places], { to: INT32 }, ids);
}
