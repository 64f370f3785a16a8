/** Refusals of parts of layers, as the engine words them: "Attention at layer 3", "The MLP at layer 0 (dec.)". */
import type { Refusal } from '../../src/shared/summary.ts';

export interface RefusedPart {
  readonly part: string;
  /** The tower's name; "" where a model has one. */
  readonly tower: string;
  readonly layer: number;
}

const atLayer = /^(.+) at layer (\d+)(?: \((\w+)\.\))?$/;

/** Undefined for what is no part of a layer. */
export function refusedPart(what: string): RefusedPart | undefined {
  const [, part, layer, tower = ''] = atLayer.exec(what) ?? [];
  return part === undefined ? undefined : { part, tower, layer: Number(layer) };
}

/** Whether a part that a layer seems to lack is there and was refused. */
export const isRefused = (refused: readonly Refusal[], part: string, tower: string, layer: number): boolean => refused.some(({ what }) => {
  const found = refusedPart(what);
  return found !== undefined && found.part === part && found.tower === tower && found.layer === layer;
});
