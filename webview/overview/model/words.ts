/** The vocabulary of a summary, in words for people. */
import type { Axis, InputRole, LayerSummary, NormPlace, PositionKind, SourceLine } from '../../../src/shared/summary.ts';
import { count } from '../../../src/shared/format.ts';

export const UNKNOWN = 'unknown until run';

export const normWords: Readonly<Record<NormPlace, string>> = {
  pre: 'before each half', post: 'after each half', parallel: 'once, both halves side by side', sandwich: 'before and after each half', none: 'none',
};

export const positionWords: Readonly<Record<PositionKind, string>> = {
  learned: 'learned', rotary: 'rotary', alibi: 'ALiBi', relative: 'relative', none: 'none',
};

export const roleWords: Readonly<Record<InputRole, string>> = {
  ids: 'token ids', mask: 'attention mask', positions: 'positions', types: 'token types', past: 'past keys and values', cache: 'with or without a past', pixels: 'image', features: 'sound', states: 'states to attend to', unknown: 'not recognised',
};

/** "batch × sequence × 96"; a scalar is said to be one. */
export const shapeWords = (shape: readonly Axis[]): string => (shape.length === 0 ? 'scalar' : shape.map((axis) => axis ?? '?').join(' × '));

const axisNames: Readonly<Record<string, string>> = { dModel: 'd_model', dHead: 'd_head' };

/** "batch × pos × d_model", as the papers write them. */
export const axesWords = (axes: readonly string[]): string => axes.map((axis) => axisNames[axis] ?? axis).join(' × ');

export const activationWords = (mlp: NonNullable<LayerSummary['mlp']>): string => `${mlp.gated ? 'gated ' : ''}${mlp.activation}`;

/** "128 gelu_tanh" */
export const mlpWords = (mlp: NonNullable<LayerSummary['mlp']>): string => `${mlp.neurons === null ? '?' : count(mlp.neurons)} ${activationWords(mlp)}`;

const baseName = (file: string): string => file.split(/[\\/]/).at(-1) ?? file;

/** "model.py:37" */
export const sourceWords = (source: SourceLine): string => `${baseName(source.file)}:${source.line}`;
export const sourceTitle = (source: SourceLine): string => `${source.file}:${source.line}\n${source.code}`;

/** "0–3 and 5": numbers with their runs drawn together. */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  const parts = runs.map(([from, to]) => (from === to ? String(from) : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`));
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** "layer 3", "layers 0–3" */
export const layersWords = (layers: readonly number[]): string => `${new Set(layers).size === 1 ? 'layer' : 'layers'} ${ranges(layers)}`;
