/** The checks of one block: each part of it recomputed from its neighbours. */
import type { CheckResult, Refusal } from '../../shared/summary.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { LayoutError, toCanonical } from '../anatomy/canonical.ts';
import type { Atom, Attention, Block, Mlp, Place } from '../anatomy/types.ts';
import { activated, CHECK_TOLERANCE, EIGHT_BIT_TOLERANCE, HALF_TOLERANCE, keptLengths, looksBackOnly, patternTimesValues, sumOf } from '../analysis/checks.ts';
import type { Checked } from '../analysis/checks.ts';
import { mlpOutput } from '../analysis/mlpOutput.ts';
import { nonlinearity } from '../analysis/nonlinearities.ts';
import { readOutputMap } from '../analysis/outputMap.ts';
import { isRounding, rounded, roundingsBetween } from '../analysis/rounding.ts';
import { nodesBetween } from '../anatomy/walk.ts';
import { intAttribute } from '../onnx/attributes.ts';
import type { OnnxModel } from '../onnx/model.ts';
import type { Value } from '../onnx/graph.ts';
import { toFloat32 } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { Part } from '../withdrawal.ts';

export interface BlockCheck extends CheckResult {
  readonly part: Part;
}

/** What a run of `length` tokens gave. */
export interface CheckRun {
  readonly model: OnnxModel;
  readonly taps: ReadonlyMap<Value, Tensor>;
  readonly length: number;
  /** Positions at which W_out is multiplied out in JavaScript; each costs neurons × width multiplications a layer. */
  readonly positions: readonly number[];
}

/** Tensors that the checks of a block need besides those with addresses. */
export function extraTaps(block: Block): readonly Value[] {
  const { attention } = block;
  return [...block.sums.map((place) => place.value), ...(attention ? [attention.qUsed.value, attention.kUsed.value] : [])];
}

const stream: readonly Atom[] = ['batch', 'pos', 'dModel'];
const neurons: readonly Atom[] = ['batch', 'pos', 'neuron'];

export function checkBlock(block: Block, at: string, run: CheckRun): { readonly checks: readonly BlockCheck[]; readonly refused: readonly Refusal[] } {
  const checks: BlockCheck[] = [];
  const refused: Refusal[] = [];
  const report: Report = {
    at,
    run,
    precision: [...run.taps.values()].some((tensor) => tensor.type === 'float16') ? precisions.half : precisions.single,
    read: (place, axes) => (place ? readPlace(place, axes, run) : undefined),
    done: (part, check) => {
      if (check) checks.push({ ...check, part });
      else refused.push({ what: `A check at ${at}`, reason: 'The activations are NaN or infinite, so there is nothing to compare' });
    },
    skip: (name, reason) => refused.push({ what: `${name} at ${at}`, reason }),
  };
  const { attention, mlp } = block;
  const parts: readonly (readonly [Part, () => void])[] = [
    ...(attention ? [['attention', () => checkAttention(attention, report)] as const] : []),
    ['block', () => checkSums(block, report)],
    ...(mlp ? [['mlp', () => checkMlp(mlp, report)] as const] : []),
  ];
  for (const [part, check] of parts) {
    try {
      check();
    } catch (error) {
      if (!(error instanceof LayoutError)) throw error;
      checks.push({ name: `axes as expected (${error.data.what.toLowerCase()})`, address: at, maxAbs: NaN, tolerance: 0, ok: false, part });
    }
  }
  return { checks, refused };
}

/** What is allowed, relative to the largest magnitude, and what the check's name says of it. */
interface Precision {
  readonly relative: number;
  readonly within: string;
}

const precisions: Readonly<Record<'single' | 'half' | 'eightBits', Precision>> = {
  single: { relative: CHECK_TOLERANCE, within: '' },
  half: { relative: HALF_TOLERANCE, within: ', within half precision' },
  eightBits: { relative: EIGHT_BIT_TOLERANCE, within: ', within 8 bits' },
};

interface Report {
  readonly at: string;
  readonly run: CheckRun;
  readonly precision: Precision;
  read(place: Place | null | undefined, axes: readonly Atom[]): CanonicalArray | undefined;
  done(part: Part, check: Checked): void;
  skip(name: string, reason: string): void;
}

/** A tensor in TransformerLens's axes; grouped heads are `kv` in its layout. */
function readPlace(place: Place, axes: readonly Atom[], { taps, length }: CheckRun): CanonicalArray | undefined {
  const tensor = taps.get(place.value);
  const isGrouped = place.layout.some((axis) => axis.includes('kv'));
  const wanted = isGrouped ? axes.map((axis) => (axis === 'head' ? 'kv' : axis)) : axes;
  return tensor && toCanonical(toFloat32(tensor), tensor.dims, place.layout, wanted, { batch: 1, pos: length });
}

function checkAttention(attention: Attention, { at, run, read, precision, done, skip }: Report): void {
  const vectors: readonly Atom[] = ['batch', 'pos', 'head', 'dHead'];
  const pattern = read(attention.pattern, ['batch', 'head', 'dest', 'src']);
  const [v, z] = [read(attention.v, vectors), read(attention.z, vectors)];
  const used = v && attention.v && asRead(run, attention.v.value, attention.vUsed.value, v);
  const mixing = `pattern x v = z${precision.within}`;
  if (pattern && used && z) done('attention', patternTimesValues(mixing, at, pattern, used.array, z, precision.relative, used.step));
  else skip(mixing, 'The values before the heads are joined were not found as a tensor');
  if (pattern && attention.causal) done('attention', looksBackOnly(at, pattern));
  for (const [part, place, entering] of [['q', attention.q, attention.qUsed], ['k', attention.k, attention.kUsed]] as const) {
    const [before, after] = [read(place, vectors), read(entering, vectors)];
    const { relative, within } = place ? onWay(place.value, entering.value, precision) : precision;
    const name = `|${part}| = |${part} in the scores|${within}`;
    if (attention.normed) skip(name, 'A norm stands between queries or keys and the scores');
    else if (before && after) done(part, keptLengths(name, at, before, after, relative));
    else skip(name, 'They were not found as a tensor in which heads stand apart');
  }
}

/** An activation as a later node reads it: rounded where the file rounds it on the way. */
function asRead({ model }: CheckRun, made: Value, read: Value, array: CanonicalArray): { readonly array: CanonicalArray; readonly step: number } {
  const found = roundingsBetween(model, made, read);
  if (found.length === 0) return { array, step: 0 };
  const data = array.data.map((value) => found.reduce(rounded, value));
  return { array: { ...array, data }, step: Math.max(...found.map(({ scale }) => scale)) };
}

/** Where numbers are rounded on the way in more than one place, that is allowed for. */
function onWay(from: Value, to: Value, precision: Precision): Precision {
  return nodesBetween(from, to).some(isRounding) ? precisions.eightBits : precision;
}

function checkSums(block: Block, report: Report): void {
  const { at, run, read, precision, done } = report;
  const states = [block.residPre, block.residMid].map((place, index) => {
    const array = read(place, stream);
    const entering = block.entering[index];
    return place && array && entering && asRead(run, place.value, entering.value, array);
  });
  const end = read(block.residPost, stream);
  const [attnOut, mlpOut] = [read(block.attention?.out, stream), read(block.mlp?.out, stream)];
  const sum = (name: string, from: (typeof states)[number], branches: readonly (CanonicalArray | undefined)[], total: CanonicalArray | undefined): void => {
    const known = branches.filter((branch) => branch !== undefined);
    if (from && total && known.length === branches.length) done('block', sumOf(`${name}${precision.within}`, at, [from.array, ...known], total, precision.relative, from.step));
  };
  const [pre, mid] = states;
  if (block.norm === 'parallel') {
    sum('resid_pre + attn_out + mlp_out = resid_post', pre, [attnOut, mlpOut], end);
    return;
  }
  const [firstSum, secondSum] = block.sums.map((place) => read(place, stream));
  const total = (otherwise: string): string => (block.norm === 'post' ? 'sum before the norm' : otherwise);
  const isSplit = block.residMid !== null;
  if (attnOut) sum(`resid_pre + attn_out = ${total(isSplit ? 'resid_mid' : 'resid_post')}`, pre, [attnOut], firstSum);
  else if (!isSplit) sum(`resid_pre + mlp_out = ${total('resid_post')}`, pre, [mlpOut], firstSum);
  if (isSplit) sum(`resid_mid + mlp_out = ${total('resid_post')}`, mid, [mlpOut], secondSum);
}

function checkMlp(mlp: Mlp, { at, run, read, precision, done, skip }: Report): void {
  const [pre, linear, post, out] = [read(mlp.pre, neurons), read(mlp.preLinear, neurons), read(mlp.post, neurons), read(mlp.out, stream)];
  const { relative, within } = mlp.pre ? onWay(mlp.pre.value, mlp.post.value, precision) : precision;
  const activation = `${mlp.activation}(mlp_pre)${mlp.gated ? ' x mlp_pre_linear' : ''} = mlp_post${within}`;
  const act = nonlinearity(mlp.activation);
  if (!act) skip(activation, 'This nonlinearity has parameters that are not read');
  else if (!pre || !post || (mlp.gated && !linear)) skip(activation, 'What the nonlinearity acts on was not found as a tensor');
  else done('mlp', activated(activation, at, act, pre, linear, post, relative));

  const product = mlp.projection.op === 'MatMulNBits' && intAttribute(mlp.projection, 'accuracy_level') === INT8_ACCURACY ? precisions.eightBits : precision;
  const map = readOutputMap(run.model, mlp);
  if (typeof map === 'string') skip('mlp_post x W_out + b = mlp_out', map);
  else if (post && out) done('mlp', mlpOutput(at, post, map, out, run.positions, product));
}

/** MatMulNBits' level at which it rounds activations to eight bits, block by block. */
const INT8_ACCURACY = 4;
