/** The checks of one block: each part of it recomputed from its neighbours. */
import type { CheckResult, Refusal } from '../../shared/summary.ts';
import { groupedAxes, neurons, perHead, perSource, residual, square } from '../anatomy/addresses.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { LayoutError, toCanonical } from '../anatomy/canonical.ts';
import type { Atom, Attention, Block, HalfRole, Mlp, Place } from '../anatomy/types.ts';
import { activated, CHECK_TOLERANCE, EIGHT_BIT_TOLERANCE, HALF_TOLERANCE, keptLengths, looksBackOnly, patternTimesValues, sumOf } from '../analysis/checks.ts';
import type { Checked } from '../analysis/checks.ts';
import { mlpOutput } from '../analysis/mlpOutput.ts';
import { nonlinearity } from '../analysis/nonlinearities.ts';
import { readOutputMap } from '../analysis/outputMap.ts';
import { isRounding, rounded, roundingOf, roundingsBetween } from '../analysis/rounding.ts';
import { nodesBetween } from '../anatomy/walk.ts';
import { intAttribute } from '../onnx/attributes.ts';
import { BFLOAT16 } from '../onnx/elementType.ts';
import type { OnnxModel } from '../onnx/model.ts';
import type { Value } from '../onnx/graph.ts';
import { toFloat32 } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { Part } from '../withdrawal.ts';

export interface BlockCheck extends CheckResult {
  readonly part: Part;
}

/** What a run gave. */
export interface CheckRun {
  readonly model: OnnxModel;
  readonly taps: ReadonlyMap<Value, Tensor>;
  /** Tokens of the block's tower; null where it takes none. */
  readonly length: number | null;
  /** Positions at which W_out is multiplied out in JavaScript; each costs neurons × width multiplications a layer. */
  readonly positions: readonly number[];
}

/** Tensors that the checks of a block need besides those with addresses. */
export function extraTaps(block: Block): readonly Value[] {
  const layers = [block.attention, block.cross].filter((one) => one !== null);
  const rounded = [
    ...layers.flatMap(({ q, k, qUsed, kUsed }) => [...roundedBetween(q, qUsed), ...roundedBetween(k, kUsed)]),
    ...(block.mlp ? [...roundedBetween(block.mlp.pre, block.mlp.post), ...roundedBetween(block.mlp.preLinear, block.mlp.post)] : []),
  ];
  return [...block.steps.map(({ sum }) => sum.value), ...layers.flatMap(({ qUsed, kUsed }) => [qUsed.value, kUsed.value]), ...rounded];
}

/** What comes out of the roundings between two tensors. */
function roundedBetween(from: Place | null, to: Place): readonly Value[] {
  return from ? nodesBetween(from.value, to.value).filter(isRounding).flatMap((node) => node.outputs[0] ?? []) : [];
}

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
  const { attention, cross, mlp } = block;
  const parts: readonly (readonly [Part, () => void])[] = [
    ...(attention ? [['attention', () => checkAttention(attention, selfParts, report)] as const] : []),
    ...(cross ? [['cross', () => checkAttention(cross, crossParts, report)] as const] : []),
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

const precisions: Readonly<Record<'single' | 'half' | 'bfloat16' | 'eightBits', Precision>> = {
  single: { relative: CHECK_TOLERANCE, within: '' },
  half: { relative: HALF_TOLERANCE, within: ', within half precision' },
  bfloat16: { relative: HALF_TOLERANCE, within: ', within bfloat16' },
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
  return tensor && toCanonical(toFloat32(tensor), tensor.dims, place, groupedAxes(place, axes), { batch: 1, pos: length });
}

/** What a layer's checks are about, and how they name it. */
interface AttentionParts {
  readonly whole: Part;
  readonly q: Part;
  readonly k: Part;
  readonly prefix: string;
}

const selfParts: AttentionParts = { whole: 'attention', q: 'q', k: 'k', prefix: '' };
const crossParts: AttentionParts = { whole: 'cross', q: 'cross-q', k: 'cross-k', prefix: 'cross ' };

function checkAttention(attention: Attention, parts: AttentionParts, { at, run, read, precision, done, skip }: Report): void {
  const keyAxes = attention.source ? perSource : perHead;
  const pattern = read(attention.pattern, square);
  const [v, z] = [read(attention.v, keyAxes), read(attention.z, perHead)];
  const used = v && attention.v && asRead(run, attention.v.value, attention.vUsed.value, v);
  const mixing = `${parts.prefix}pattern x v = z${precision.within}`;
  if (pattern && used && z) done(parts.whole, patternTimesValues(mixing, at, pattern, used.array, z, precision.relative, used.step));
  else skip(mixing, 'The values before the heads are joined were not found as a tensor');
  if (pattern && attention.causal) done(parts.whole, looksBackOnly(at, pattern));
  const sides = [['q', attention.q, attention.qUsed, perHead], ['k', attention.k, attention.kUsed, keyAxes]] as const;
  for (const [side, place, entering, axes] of sides) {
    const [before, after] = [read(place, axes), read(entering, axes)];
    // Rotations in bfloat16 keep lengths no better than that.
    const turned = precision === precisions.single && attention.rotary && hasBfloat16(run.model) ? precisions.bfloat16 : precision;
    const { relative, within } = place ? onWay(place.value, entering.value, turned) : precision;
    const name = `|${parts.prefix}${side}| = |${parts.prefix}${side} in the scores|${within}`;
    if (attention.normed) skip(name, 'A norm stands between queries or keys and the scores');
    else if (before && after) {
      const lengths = keptLengths(name, at, before, after, relative);
      if (lengths?.ok === false && place && isCut(run, place, entering)) skip(name, CUT);
      else done(parts[side], lengths);
    } else skip(name, 'They were not found as a tensor in which heads stand apart');
  }
}

const hasBfloat16 = ({ weights }: OnnxModel): boolean => [...weights.values()].some((weight) => weight.dataType === BFLOAT16);

/** An activation as a later node reads it: rounded where the file rounds it on the way. */
function asRead({ model }: CheckRun, made: Value, read: Value, array: CanonicalArray): { readonly array: CanonicalArray; readonly step: number } {
  const found = roundingsBetween(model, made, read);
  if (found.length === 0) return { array, step: 0 };
  const data = array.data.map((value) => found.reduce(rounded, value));
  return { array: { ...array, data }, step: Math.max(...found.map(({ scale }) => scale)) };
}

/** Whether some number lies at an end of what a rounding on the way can hold, 0 aside: then those beyond were cut. */
function isCut({ model, taps }: CheckRun, from: Place, to: Place): boolean {
  return roundedBetween(from, to).some((value) => {
    const rounding = value.producer && roundingOf(model, value.producer);
    const tensor = taps.get(value);
    if (!rounding || !tensor) return false;
    const ends = [rounding.low, rounding.high].map((code) => Math.fround((code - rounding.zero) * rounding.scale)).filter((end) => end !== 0);
    return toFloat32(tensor).some((number) => ends.includes(number));
  });
}

const CUT = 'Values beyond the range that the file was calibrated for are cut on the way';

/** Where numbers are rounded on the way in more than one place, that is allowed for. */
function onWay(from: Value, to: Value, precision: Precision): Precision {
  return nodesBetween(from, to).some(isRounding) ? precisions.eightBits : precision;
}

/** What each residual sum adds, by the name that a person knows it by. */
const outNames: Readonly<Record<HalfRole, string>> = { attention: 'attn_out', cross: 'cross_attn_out', mlp: 'mlp_out' };
const stateBehind: Readonly<Record<HalfRole, string>> = { attention: 'resid_mid', cross: 'resid_mid_cross', mlp: 'resid_post' };

function checkSums(block: Block, { at, run, read, precision, done }: Report): void {
  const outs = { attention: block.attention, cross: block.cross, mlp: block.mlp };
  let [state, place]: readonly [string, Place | null] = block.residPre ? ['resid_pre', block.residPre] : ['resid_mid_cross', block.residMidCross];
  // Where both halves are added to each other first, that sum may be rounded before the state is added.
  const innerStep = (role: HalfRole | 'both'): number => {
    const [first, total] = [block.attention?.out.value, block.steps[0]?.sum.value];
    return role === 'both' && first && total ? roundingsBetween(run.model, first, total).reduce((all, { scale }) => all + scale, 0) : 0;
  };
  for (const [index, { role, entering, sum }] of block.steps.entries()) {
    const array = read(place, residual);
    const before = place && array && asRead(run, place.value, entering.value, array);
    const parts: readonly HalfRole[] = role === 'both' ? ['attention', 'mlp'] : [role];
    const added = parts.flatMap((part) => read(outs[part]?.out, residual) ?? []);
    const total = read(sum, residual);
    const behind = role === 'both' || index === block.steps.length - 1 ? 'resid_post' : stateBehind[role];
    if (before && total && added.length === parts.length) {
      const name = `${[state, ...parts.map((part) => outNames[part])].join(' + ')} = ${block.norm === 'post' ? 'sum before the norm' : behind}${precision.within}`;
      done('block', sumOf(name, at, [before.array, ...added], total, precision.relative, before.step + innerStep(role)));
    }
    [state, place] = [behind, role === 'cross' ? block.residMidCross : block.residMid];
  }
}

function checkMlp(mlp: Mlp, { at, run, read, precision, done, skip }: Report): void {
  const [pre, linear, post, out] = [read(mlp.pre, neurons), read(mlp.preLinear, neurons), read(mlp.post, neurons), read(mlp.out, residual)];
  const { relative, within } = mlp.pre ? onWay(mlp.pre.value, mlp.post.value, precision) : precision;
  const activation = `${mlp.activation}(mlp_pre)${mlp.gated ? ' x mlp_pre_linear' : ''} = mlp_post${within}`;
  const act = nonlinearity(mlp.activation);
  if (!act) skip(activation, 'This nonlinearity has parameters that are not read');
  else if (!pre || !post || (mlp.gated && !linear)) skip(activation, 'What the nonlinearity acts on was not found as a tensor');
  else {
    const made = activated(activation, at, act, pre, linear, post, relative);
    const isBeyond = made?.ok === false && [mlp.pre, mlp.preLinear].some((place) => place && isCut(run, place, mlp.post));
    if (isBeyond) skip(activation, CUT);
    else done('mlp', made);
  }

  const product = mlp.projection.op === 'MatMulNBits' && intAttribute(mlp.projection, 'accuracy_level') === INT8_ACCURACY ? precisions.eightBits : precision;
  const map = readOutputMap(run.model, mlp);
  if (typeof map === 'string') skip('mlp_post x W_out + b = mlp_out', map);
  else if (post && out) {
    const there = run.positions.filter((position) => position < (out.shape[1] ?? 0));
    done('mlp', mlpOutput(at, post, map, out, there.length > 0 ? there : [0], product));
  }
}

/** MatMulNBits' level at which it rounds activations to eight bits, block by block. */
const INT8_ACCURACY = 4;
