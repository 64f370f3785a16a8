/** Values as Python spells them. */

/** Texts, numbers, flags, lists and objects; JSON's texts are Python's. A value that is undefined is left out of its object. */
export function py(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(py).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => `${py(key)}: ${py(item)}`).join(', ')}}`;
}

/** A list or a dictionary, an entry a line. */
export const lines = (open: string, entries: readonly string[], close: string): string => `${open}\n${entries.map((entry) => `    ${entry},\n`).join('')}${close}`;

/** Lines moved to the right; those that are empty stay so. */
export const indented = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by));

/** What a part of a file adds to it. */
export interface Part {
  /** Keys of the table of imports. */
  readonly imports: readonly Import[];
  /** Lines such as `SEED = 0`. */
  readonly constants: readonly string[];
  /** Each a text of its own, in the order in which they stand. */
  readonly functions: readonly string[];
}

/** In the order in which they stand: the standard library, then packages. */
export const imports = {
  json: 'import json',
  math: 'import math',
  sys: 'import sys',
  defaultdict: 'from collections import defaultdict',
  product: 'from itertools import product',
  path: 'from pathlib import Path',
  fmean: 'from statistics import fmean',
  numpy: 'import numpy',
  torch: 'import torch',
  slices: 'from numpy import s_',
  dataFrame: 'from pandas import DataFrame',
  safetensors: 'from safetensors.torch import load_file',
  headDetector: 'from transformer_lens import head_detector',
  patching: 'from transformer_lens import patching',
  bridge: 'from transformer_lens.model_bridge import TransformerBridge',
  tokenizer: 'from transformers import AutoTokenizer',
} as const;

export type Import = keyof typeof imports;
