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
