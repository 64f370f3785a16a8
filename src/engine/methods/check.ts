/** Runs the checks of the anatomy on a small input, says what held, and withdraws what did not. */
import { prefixOf } from '../../shared/addresses.ts';
import type { CheckReport, CheckResult, Refusal } from '../../shared/summary.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { CHECK_TOLERANCE, HALF_TOLERANCE, sameNumbers } from '../analysis/checks.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import { OrtSession } from '../ort/session.ts';
import { makeTensor, toFloat32 } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { Value } from '../onnx/graph.ts';
import { prepareInputs } from '../program/inputs.ts';
import { Program } from '../program/program.ts';
import { elementCount, stack, take } from '../program/tensors.ts';
import type { ModelSession } from '../session.ts';
import { checkBlock, extraTaps } from './checkBlock.ts';
import type { BlockCheck } from './checkBlock.ts';
import { imageTensors } from './imageInput.ts';
import { frozenShape, idsInputs, tokensOf, vocabulary } from './prompt.ts';

/** Tokens of the check's prompt: enough for every head to have something to choose from. */
const CHECK_TOKENS = 8;
const CHECK_POSITIONS: readonly number[] = [1, CHECK_TOKENS - 1];

export async function checkAnatomy(session: ModelSession, signal: AbortSignal, image?: string): Promise<CheckReport> {
  const started = performance.now();
  try {
    // First of all, a model that cannot run says why.
    session.getProgram();
    const inputs = await checkInputs(session, image);
    const parts = await checkParts(session, inputs, signal);
    const chain = await checkChain(session, inputs.tensors, signal);
    const withdrawn = [...parts.withdrawn, ...withdrawFrom(session, chain)];
    return { checks: [...parts.checks, ...chain], refused: [...parts.refused, ...withdrawn], error: null, ms: performance.now() - started };
  } catch (error) {
    const described = CogscopeError.describe(error);
    if (described.code === 'cancelled') throw error;
    return { checks: [], refused: [], error: described, ms: performance.now() - started };
  }
}

interface CheckInputs {
  readonly tensors: ReadonlyMap<Value, Tensor>;
  /** Tokens of each tower that takes them. */
  readonly lengths: ReadonlyMap<string, number>;
}

/** Ids spread over the vocabulary by a fixed stride, and for pixels, sound or states waves of fixed lengths: the same at every check. An image may be given. */
async function checkInputs(session: ModelSession, image: string | undefined): Promise<CheckInputs> {
  const [picture] = await imageTensors(session, image === undefined ? [] : [image]);
  const { model, types, anatomy } = session;
  const ids = new Map<string, readonly number[]>();
  for (const [index, from] of idsInputs(session).entries()) {
    // Two towers get prompts of two lengths, so that nothing fits by chance.
    const length = frozenShape(session, from).length ?? Math.max(1, Math.min(CHECK_TOKENS, from.tower?.context ?? CHECK_TOKENS) - index);
    const rows = vocabulary(session, from);
    const own = Array.from({ length }, (_, position) => (1 + (position + index) * 7919) % (rows ?? from.tower?.vocab ?? CHECK_TOKENS));
    if (rows !== null) tokensOf(session, { kind: 'ids', ids: own }, from);
    ids.set(from.name, own);
  }
  const waves = model.graph.inputs.flatMap((input) => {
    const role = anatomy.roles.get(input) ?? 'unknown';
    if (role === 'pixels' && picture) return [[input.name, picture] as const];
    return role === 'features' || role === 'states' || (role === 'pixels' && hasSize(input, session)) ? [[input.name, wave(input, session)] as const] : [];
  });
  return { tensors: prepareInputs(model, types, anatomy, ids, {}, new Map(waves)).tensors, lengths: new Map([...ids].map(([name, own]) => [name, own.length])) };
}

/** Whether the file says how large an image is: made-up ones of another size might fit nothing. */
const hasSize = (input: Value, { types }: ModelSession): boolean => types.of(input).shape?.slice(1).every((dim) => asNumber(dim) !== undefined) ?? false;

/** One row of numbers of the shape that the file gives; lengths that it leaves open are those of the check. */
function wave(input: Value, { types }: ModelSession): Tensor {
  const { elemType, shape } = types.of(input);
  const dims = (shape ?? []).map((dim, axis) => (axis === 0 ? 1 : asNumber(dim) ?? CHECK_TOKENS));
  return makeTensor(elemType, dims, Array.from({ length: elementCount(dims) }, (_, index) => Math.sin(index * 0.7) + Math.cos(index * index * 0.03)));
}

/** As many rows as a file was exported for: the same ids in each, begun one later, so that no row is another. */
function inRows(tensors: ReadonlyMap<Value, Tensor>, rows: number, { anatomy }: ModelSession): ReadonlyMap<Value, Tensor> {
  if (rows === 1) return tensors;
  return new Map([...tensors].map(([value, tensor]) => {
    if (tensor.dims.length < 2) return [value, tensor];
    const positions = Array.from({ length: tensor.dims[1] ?? 0 }, (_, index) => index);
    const turned = (row: number): Tensor => (anatomy.roles.get(value) === 'ids' ? take(tensor, 1, positions.map((index) => (index + row) % positions.length)) : tensor);
    return [value, stack(Array.from({ length: rows }, (_, row) => turned(row)))];
  }));
}

interface PartsChecked {
  readonly checks: readonly CheckResult[];
  readonly refused: readonly Refusal[];
  readonly withdrawn: readonly Refusal[];
}

/** With a chain of its own, which gives more tensors than those with addresses. */
async function checkParts(session: ModelSession, { tensors, lengths }: CheckInputs, signal: AbortSignal): Promise<PartsChecked> {
  const { shape } = session.getProgram();
  // A weight belongs to one live session: the next run makes its own anew.
  await session.releaseProgram();
  const blocks = session.anatomy.towers.flatMap((tower) => tower.blocks.map((block) => ({ tower, block, at: `${prefixOf(tower.name)}blocks.${block.index}` })));
  const taps = [...new Set([...shape.taps, ...blocks.flatMap(({ block }) => extraTaps(block))])].filter((value) => value.producer && !shape.constant(value));
  const program = new Program(session.model, session.types, { ...shape, taps }, { ...session.settings, level: session.level });
  try {
    const output = await program.run({ inputs: tensors, taps, logits: 'none', signal });
    const results = blocks.map(({ tower, block, at }) => checkBlock(block, at, { model: session.model, taps: output.taps, length: lengths.get(tower.name) ?? null, positions: CHECK_POSITIONS }));
    const checks = results.flatMap((result) => result.checks);
    const withdrawn = checks.filter((check) => !check.ok).map((check) => session.withdrawn.add(check.address, check.part, failure(check)));
    return { checks: checks.map(plain), refused: results.flatMap((result) => result.refused), withdrawn };
  } finally {
    await program.release();
  }
}

const plain = ({ name, address, maxAbs, tolerance, ok }: BlockCheck): CheckResult => ({ name, address, maxAbs, tolerance, ok });
const failure = ({ name, maxAbs, tolerance }: CheckResult): string =>
  (tolerance === 0 ? `Its check failed: ${name}` : `Its check failed: ${name} is off by ${maxAbs.toPrecision(2)} where ${tolerance.toPrecision(2)} is allowed`);

/**
 * The chain against the file loaded by its path, both at ONNX Runtime's basic optimisation, where they are equal bit for
 * bit; then the fast chain against the same. Each set of sessions is released again at once.
 */
async function checkChain(session: ModelSession, given: CheckInputs['tensors'], signal: AbortSignal): Promise<readonly CheckResult[]> {
  const { shape } = session.getProgram();
  const { logits } = shape;
  if (!logits || shape.constant(logits)) return [];
  // The untouched file takes the rows that it was exported for.
  const inputs = inRows(given, session.model.freedRows ?? 1, session);
  const whole = await openWhole(session);
  const feeds = new Map([...inputs].map(([value, tensor]) => [value.name, tensor]));
  const expected = (await whole.run(feeds, [logits.name])).get(logits.name);
  await whole.release();
  const chained = async (level: 'all' | 'basic'): Promise<Tensor | null> => {
    const program = new Program(session.model, session.types, shape, { ...session.settings, level });
    try {
      return (await program.run({ inputs, signal })).logits;
    } finally {
      await program.release();
    }
  };
  const exact = await chained('basic');
  const fast = session.level === 'basic' ? exact : await chained('all');
  if (!fast || !exact || !expected) throw new CogscopeError('internal', 'The chain made no output to compare');
  // Between two operators without a kernel for half precision the runtime keeps float32; where a stage ends it cannot.
  const { isHalf } = session;
  const [relative, within] = isHalf ? [HALF_TOLERANCE, ', within half precision'] : [CHECK_TOLERANCE, ''];
  // What a fused operator computes in one go is rounded at each step where it is written out.
  const isWrittenOut = session.model.decomposed.written.size > 0;
  return [
    isHalf || isWrittenOut
      ? sameNumbers(`chain = file${isWrittenOut && within === '' ? ', with fused operators written out' : within}`, 'logits', toFloat32(exact), toFloat32(expected), relative)
      : sameNumbers('chain = file, bit for bit', 'logits', toFloat32(exact), toFloat32(expected), 0),
    ...(session.level === 'basic' ? [] : [sameNumbers(`fast chain = file${within}`, 'logits', toFloat32(fast), toFloat32(expected), relative)]),
  ];
}

/** By the path that was given, as ONNX Runtime is used without Cogscope; where that is a link, its data may lie beside the file itself. */
async function openWhole(session: ModelSession): Promise<OrtSession> {
  const options = { optimization: 'basic', threads: session.settings.threads } as const;
  const { path, realPath } = session.model;
  try {
    return await OrtSession.create({ path }, options);
  } catch (error) {
    if (path === realPath) throw error;
    return await OrtSession.create({ path: realPath }, options);
  }
}

/** A chain that is off by more than rounding is not run again. */
function withdrawFrom(session: ModelSession, chain: readonly CheckResult[]): readonly Refusal[] {
  const failed = chain.find((check) => !check.ok && check.tolerance > 0);
  return failed ? [session.withdrawn.addRuns(failure(failed))] : [];
}
