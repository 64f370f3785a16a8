/** What TransformerLens computed on the weights of committed models (training/patching/make_goldens.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '../../../src/engine/io/safetensors.ts';
import { toFloat32 } from '../../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../../src/engine/ort/tensor.ts';
import type { Experiment, PromptPair, Site } from '../../../src/shared/experiment/experiment.ts';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'test/fixtures/patching');

type AxisName = 'layer' | 'head' | 'position' | 'source' | 'neuron' | 'sender' | 'scale' | 'all';

export interface GoldenCase {
  readonly subject: string;
  /** Key of the values: [*axes, pairs] of the metric. */
  readonly values: string;
  readonly function: string;
  readonly axes: readonly AxisName[];
  readonly clean: readonly number[];
  readonly corrupted: readonly number[] | null;
  /** What the experiment says beyond model and pairs. */
  readonly experiment: { readonly kind: Experiment['kind'] } & Readonly<Record<string, unknown>>;
  /** The only pair that it is about. */
  readonly pair?: number;
  /** Causal tracing: whose embeddings are disturbed. */
  readonly positions?: readonly number[];
}

interface File {
  readonly subjects: Readonly<Record<string, { readonly model: string; readonly pairs: readonly Required<Pick<PromptPair, 'clean' | 'corrupted' | 'target' | 'distractor'>>[] }>>;
  readonly cases: readonly GoldenCase[];
}

export const goldens = JSON.parse(readFileSync(join(folder, 'goldens.json'), 'utf8')) as File;

const tensors = new Map(Object.keys(goldens.subjects).map((name): [string, ReadonlyMap<string, Tensor>] => [name, readSafetensors(readFileSync(join(folder, `${name}.safetensors`)))]));

export function goldenTensor(subject: string, key: string): Tensor {
  const tensor = tensors.get(subject)?.get(key);
  if (!tensor) throw new Error(`${subject} has no golden ${key}`);
  return tensor;
}

export function subjectOf(name: string): { readonly path: string; readonly pairs: File['subjects'][string]['pairs'] } {
  const subject = goldens.subjects[name];
  if (!subject) throw new Error(`no subject ${name}`);
  return { path: join(root, subject.model), pairs: subject.pairs };
}

const wordOf = (id: number): string => `w${id}`;

/** A tokenizer with a word for each id, since a subject is found in a text. */
export const wordTokenizer = JSON.stringify({
  version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: { type: 'WhitespaceSplit' }, post_processor: null, decoder: null,
  model: { type: 'WordLevel', vocab: Object.fromEntries(Array.from({ length: 256 }, (_, id) => [wordOf(id), id])), unk_token: wordOf(0) },
});

/** The experiment as the engine takes it. */
export function experimentOf(golden: GoldenCase): Experiment {
  const { path, pairs } = subjectOf(golden.subject);
  const { kind, direction } = golden.experiment;
  const chosen = (golden.pair === undefined ? pairs : pairs.slice(golden.pair, golden.pair + 1)).map((pair) => {
    if (kind !== 'causal-tracing') return pair;
    const words = (pair.clean as readonly number[]).map(wordOf);
    return { ...pair, clean: words.join(' '), subject: golden.positions?.map((position) => words[position] ?? '').join(' ') ?? '' };
  });
  // The file was written to be read so; the engine checks nothing of it again.
  return {
    ...golden.experiment, model: path, pairs: chosen, special: false, expect: [],
    ...(kind === 'steering' && typeof direction === 'string' ? { direction: join(folder, String(direction)) } : {}),
  } as unknown as Experiment;
}

const hooks: Readonly<Record<Site, string>> = {
  resid_pre: 'hook_resid_pre', resid_mid: 'hook_resid_mid', resid_post: 'hook_resid_post', attn_out: 'hook_attn_out', mlp_out: 'hook_mlp_out',
  z: 'attn.hook_z', q: 'attn.hook_q', k: 'attn.hook_k', v: 'attn.hook_v', pattern: 'attn.hook_pattern', mlp_post: 'mlp.hook_post',
};

export interface GoldenCell {
  readonly address: string;
  /** The metric of each pair. */
  readonly metrics: readonly number[];
}

/** The cells of a case under the addresses that cli.md gives them. */
export function cellsOf(golden: GoldenCase): readonly GoldenCell[] {
  const tensor = goldenTensor(golden.subject, golden.values);
  const values = toFloat32(tensor);
  const pairs = tensor.dims.at(-1) ?? 1;
  return Array.from({ length: values.length / pairs }, (_, index) => {
    const at = new Map<AxisName, number>();
    let rest = index;
    for (let axis = golden.axes.length - 1; axis >= 0; axis--) {
      const size = tensor.dims[axis] ?? 1;
      at.set(golden.axes[axis] ?? 'all', rest % size);
      rest = Math.floor(rest / size);
    }
    return { address: addressOf(golden, at), metrics: [...values.slice(index * pairs, (index + 1) * pairs)] };
  });
}

function addressOf({ experiment }: GoldenCase, at: ReadonlyMap<AxisName, number>): string {
  const [site = 'z'] = (experiment.sites ?? []) as readonly Site[];
  const behind = at.has('position') ? `@${at.get('position') ?? 0}${at.has('source') ? `,${at.get('source') ?? 0}` : ''}` : '';
  if (at.has('sender')) return (experiment.senders as readonly string[])[at.get('sender') ?? 0] ?? '';
  if (at.has('scale')) return `${String(experiment.address)} × ${(experiment.scales as readonly number[])[at.get('scale') ?? 0] ?? NaN}`;
  if (at.has('all')) return (experiment.together as readonly string[]).join(' + ');
  if (at.has('neuron')) return `L${(experiment.layers as readonly number[])[0] ?? 0}N${at.get('neuron') ?? 0}`;
  if (at.has('head')) return `L${at.get('layer') ?? 0}H${at.get('head') ?? 0}${site === 'z' ? '' : `.${site}`}${behind}`;
  return `blocks.${at.get('layer') ?? 0}.${hooks[site]}${behind}`;
}
