/** The checks of one block: each part of it recomputed from its neighbours. */
import type { CheckResult, Refusal } from '../../shared/summary.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { LayoutError, toCanonical } from '../anatomy/canonical.ts';
import type { Atom, Attention, Block, Mlp, Place } from '../anatomy/types.ts';
import { activated, CHECK_TOLERANCE, HALF_TOLERANCE, keptLengths, looksBackOnly, mlpOutput, patternTimesValues, sumOf } from '../analysis/checks.ts';
import type { Checked } from '../analysis/checks.ts';
import { nonlinearity } from '../analysis/nonlinearities.ts';
import { readOutputMap } from '../analysis/outputMap.ts';
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
    relative: [...run.taps.values()].some((tensor) => tensor.type === 'float16') ? HALF_TOLERANCE : CHECK_TOLERANCE,
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

interface Report {
  readonly at: string;
  readonly run: CheckRun;
  /** What is allowed, relative to the largest magnitude. */
  readonly relative: number;
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

function checkAttention(attention: Attention, { at, read, relative, done, skip }: Report): void {
  const vectors: readonly Atom[] = ['batch', 'pos', 'head', 'dHead'];
  const pattern = read(attention.pattern, ['batch', 'head', 'dest', 'src']);
  const [v, z] = [read(attention.v, vectors), read(attention.z, vectors)];
  if (pattern && v && z) done('attention', patternTimesValues(at, pattern, v, z, relative));
  else skip('pattern x v = z', 'The values before the heads are joined were not found as a tensor');
  if (pattern && attention.causal) done('attention', looksBackOnly(at, pattern));
  for (const [part, place, used] of [['q', attention.q, attention.qUsed], ['k', attention.k, attention.kUsed]] as const) {
    const name = `|${part}| = |${part} in the scores|`;
    const [before, after] = [read(place, vectors), read(used, vectors)];
    if (attention.normed) skip(name, 'A norm stands between queries or keys and the scores');
    else if (before && after) done(part, keptLengths(name, at, before, after, relative));
    else skip(name, 'They were not found as a tensor in which heads stand apart');
  }
}

function checkSums(block: Block, { at, read, relative, done }: Report): void {
  const [pre, mid, end] = [block.residPre, block.residMid, block.residPost].map((place) => read(place, stream));
  const [attnOut, mlpOut] = [read(block.attention?.out, stream), read(block.mlp?.out, stream)];
  if (block.norm === 'parallel') {
    if (pre && attnOut && mlpOut && end) done('block', sumOf('resid_pre + attn_out + mlp_out = resid_post', at, [pre, attnOut, mlpOut], end, relative));
    return;
  }
  const [firstSum, secondSum] = block.sums.map((place) => read(place, stream));
  const total = (otherwise: string): string => (block.norm === 'post' ? 'sum before the norm' : otherwise);
  const half = (name: string, from: CanonicalArray | undefined, branch: CanonicalArray | undefined, sum: CanonicalArray | undefined): void => {
    if (from && branch && sum) done('block', sumOf(name, at, [from, branch], sum, relative));
  };
  const isSplit = block.residMid !== null;
  if (attnOut) half(`resid_pre + attn_out = ${total(isSplit ? 'resid_mid' : 'resid_post')}`, pre, attnOut, firstSum);
  else if (!isSplit) half(`resid_pre + mlp_out = ${total('resid_post')}`, pre, mlpOut, firstSum);
  if (isSplit) half(`resid_mid + mlp_out = ${total('resid_post')}`, mid, mlpOut, secondSum);
}

function checkMlp(mlp: Mlp, { at, run, read, relative, done, skip }: Report): void {
  const [pre, linear, post, out] = [read(mlp.pre, neurons), read(mlp.preLinear, neurons), read(mlp.post, neurons), read(mlp.out, stream)];
  const activation = `${mlp.activation}(mlp_pre)${mlp.gated ? ' x mlp_pre_linear' : ''} = mlp_post`;
  const act = nonlinearity(mlp.activation);
  if (!act) skip(activation, 'This nonlinearity has parameters that are not read');
  else if (!pre || !post || (mlp.gated && !linear)) skip(activation, 'What the nonlinearity acts on was not found as a tensor');
  else done('mlp', activated(activation, at, act, pre, linear, post, relative));

  const name = 'mlp_post x W_out + b = mlp_out';
  const map = readOutputMap(run.model, mlp);
  if (typeof map === 'string') skip(name, map);
  else if (post && out) done('mlp', mlpOutput(at, post, map, out, run.positions, relative));
}
