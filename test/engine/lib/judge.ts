/** What the product makes of one cell of the matrix, held against PyTorch and against the untouched file. */
import { placesOf } from '../../../src/engine/anatomy/addresses.ts';
import type { AddressEntry } from '../../../src/engine/anatomy/addresses.ts';
import { toCanonical } from '../../../src/engine/anatomy/canonical.ts';
import { checkAnatomy } from '../../../src/engine/methods/check.ts';
import { HALF_TOLERANCE } from '../../../src/engine/analysis/checks.ts';
import { frozenShape, idsInputs } from '../../../src/engine/methods/prompt.ts';
import { FLOAT16 } from '../../../src/engine/onnx/elementType.ts';
import { OrtSession } from '../../../src/engine/ort/session.ts';
import type { OptimizationLevel } from '../../../src/engine/ort/session.ts';
import { makeTensor, toFloat32 } from '../../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../../src/engine/ort/tensor.ts';
import type { Value } from '../../../src/engine/onnx/graph.ts';
import { prepareInputs } from '../../../src/engine/program/inputs.ts';
import { take } from '../../../src/engine/program/tensors.ts';
import { ModelSession } from '../../../src/engine/session.ts';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { maxAbs } from '../fixtures.ts';
import { cellGoldens } from './cells.ts';
import type { Cell, State } from './cells.ts';

/** TransformerLens's own figure for float32. */
const TOLERANCE = 5e-5;
/** Where the form changes the numbers, an activation must still point where PyTorch's does: unrelated tensors are near 0. */
const LIKENESS = 0.8;
/** What every cell must have, in every layer that PyTorch has it in, to be called proved. */
const essential = /hook_resid_(pre|mid|mid_cross|post)$|hook_pattern$|mlp\.hook_post$/;

/** `wrong` lists what is shown and is not so, or is missing without a word: never acceptable. */
export interface Verdict {
  readonly state: State;
  readonly wrong: readonly string[];
}

export async function judge(cell: Cell): Promise<Verdict> {
  let session: ModelSession;
  try {
    session = await ModelSession.open(cell.path, null, { threads: 1, weightBudget: 1e9 });
  } catch (error) {
    return thrown(error);
  }
  try {
    return await judgeOpened(cell, session);
  } catch (error) {
    return thrown(error);
  } finally {
    await session.close();
  }
}

/** A sentence for people is a refusal; anything else is a defect. */
function thrown(error: unknown): Verdict {
  const isRefusal = error instanceof CogscopeError && error.code !== 'internal';
  const text = error instanceof CogscopeError ? [error.data.what, error.data.detail.split('\n')[0]].filter(Boolean).join(': ') : String(error);
  return { state: { refused: text }, wrong: isRefusal ? [] : [`it throws: ${text}`] };
}

async function judgeOpened(cell: Cell, session: ModelSession): Promise<Verdict> {
  const golden = cellGoldens(cell.architecture);
  const found = [...await compareRun(cell, session, golden), ...await compareShort(cell, session, golden)];
  const report = await checkAnatomy(session, new AbortController().signal);
  // What a check has taken back is refused, and no longer shown.
  const shown = found.filter(({ address }) => address === null || session.withdrawn.of(address) === undefined);
  const refused = [...session.anatomy.refused, ...session.withdrawn.refusals].map(({ what, reason }) => `${what}: ${reason}`);
  if (report.error) refused.push(`The checks: ${report.error.what}`);
  const figures = wrongFigures(cell, session);
  const known = new Set(numbered(session, session.addresses).map((entry) => entry.address));
  const missing = [...golden.keys()].filter((address) => isRequired(cell, address) && !known.has(address));
  const wrong = [...shown.map((one) => one.what), ...(refused.length > 0 ? [] : [...figures, ...missing.map((address) => `${address} is missing without a word`)])];
  return { state: refused.length > 0 ? { refused: summary(refused) } : 'proved', wrong };
}

/** The first reason, and how many more there are. */
const summary = ([first = '', ...more]: readonly string[]): string => (more.length > 0 ? `${first} (and ${more.length} more)` : first);

const isRequired = ({ compare }: Cell, address: string): boolean => isActivation(address) && (compare === 'pytorch' || essential.test(address));

function wrongFigures(cell: Cell, session: ModelSession): readonly string[] {
  const { towers } = session.summary;
  const names = towers.map((tower) => tower.name);
  const expected = Object.entries(cell.towers);
  if (names.join() !== expected.map(([name]) => name).join()) return [`the towers are "${names.join('", "')}"`];
  return expected.flatMap(([name, figures]) => Object.entries(figures).flatMap(([key, value]) => {
    const actual: unknown = (towers.find((tower) => tower.name === name) as unknown as Record<string, unknown>)[key];
    return actual === value ? [] : [`${name}${key} is ${String(actual)}, not ${String(value)}`];
  }));
}

const isActivation = (name: string): boolean => /blocks\.|^conv\d+$/.test(name);

/** Convolutions under their numbers: most cells have lost the names. */
function numbered({ anatomy }: ModelSession, entries: readonly AddressEntry[]): readonly AddressEntry[] {
  const numbers = new Map(anatomy.towers.flatMap((tower) => tower.convolutions.map(({ output }, index) => [output, `conv${index}`] as const)));
  return entries.map((entry) => ({ ...entry, address: numbers.get(entry.place) ?? entry.address }));
}

interface Fault {
  /** Null: of the model as a whole. */
  readonly address: string | null;
  readonly what: string;
}

const rowsOf = ({ oneByOne }: Cell, batch: number): readonly (readonly number[])[] => {
  const rows = Array.from({ length: batch }, (_, row) => row);
  return oneByOne ? rows.map((row) => [row]) : [rows];
};

/** The inputs that PyTorch had, of these rows; what it did not have is filled by role. */
function inputsFor(session: ModelSession, golden: ReadonlyMap<string, Tensor>, prefix: string, rows: readonly number[]): ReadonlyMap<Value, Tensor> {
  const { model, types, anatomy } = session;
  const ready = new Map(model.graph.inputs.flatMap((input) => {
    const tensor = golden.get(`${prefix}${input.name}`);
    if (!tensor) return [];
    const chosen = take(tensor, 0, rows);
    const { elemType } = types.of(input);
    return [[input.name, makeTensor(elemType, chosen.dims, Array.from(chosen.data as ArrayLike<number | bigint>, Number))] as const];
  }));
  const ids = new Map(idsInputs(session).map(({ name, input }) => {
    const given = ready.get(input.name);
    return [name, given ? Array.from(take(given, 0, [0]).data as ArrayLike<number | bigint>, Number) : []] as const;
  }));
  return prepareInputs(model, types, anatomy, ids, {}, ready).tensors;
}

async function compareRun(cell: Cell, session: ModelSession, golden: ReadonlyMap<string, Tensor>): Promise<readonly Fault[]> {
  const addresses = [...golden.keys()].filter(isActivation);
  const entries = numbered(session, placesOf(session.anatomy)).filter((entry) => addresses.includes(entry.address));
  const program = session.getProgram();
  const faults: Fault[] = [];
  for (const rows of rowsOf(cell, golden.get(addresses[0] ?? '')?.dims[0] ?? 1)) {
    const inputs = inputsFor(session, golden, 'input.', rows);
    const output = await program.run({ inputs, taps: entries.map((entry) => entry.place.value) });
    for (const entry of entries) {
      const expected = golden.get(entry.address);
      const tensor = output.taps.get(entry.place.value);
      const what = !tensor ? 'is not given by the run' : expected && difference(cell, entry, tensor, take(expected, 0, rows));
      if (what) faults.push({ address: entry.address, what: `${entry.address} ${what}` });
    }
    faults.push(...await compareLogits(cell, session, golden, '', rows, inputs, output.logits));
  }
  return faults;
}

/** What sets a tensor apart from PyTorch's; undefined where nothing does. */
function difference({ compare }: Cell, { place, axes }: AddressEntry, tensor: Tensor, expected: Tensor): string | undefined {
  const at = axes.findIndex((axis) => axis === 'pos' || axis === 'dest');
  const run = { batch: expected.dims[0] ?? 1, pos: expected.dims[at] ?? 1 };
  const { shape, data } = toCanonical(toFloat32(tensor), tensor.dims, place, axes, run);
  if (shape.join() !== expected.dims.join()) return `has the shape ${shape.join('×')}, not ${expected.dims.join('×')}`;
  const truth = toFloat32(expected);
  if (compare === 'pytorch') {
    const off = maxAbs(data, truth);
    return off < TOLERANCE ? undefined : `differs by ${off}`;
  }
  const alike = cosine(data, truth);
  return alike > LIKENESS ? undefined : `does not point where PyTorch's does (cosine ${alike.toFixed(2)})`;
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, left, right] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index] ?? NaN, b[index] ?? NaN];
    dot += x * y;
    left += x * x;
    right += y * y;
  }
  return dot / Math.sqrt(left * right);
}

/** A prompt of another length: nothing of the first is frozen into the stages. */
async function compareShort(cell: Cell, session: ModelSession, golden: ReadonlyMap<string, Tensor>): Promise<readonly Fault[]> {
  const first = [...golden].find(([name]) => name.startsWith('short.'))?.[1];
  if (!first || idsInputs(session).some((from) => frozenShape(session, from).length !== null)) return [];
  const faults: Fault[] = [];
  for (const rows of rowsOf(cell, first.dims[0] ?? 1)) {
    const inputs = inputsFor(session, golden, 'short.', rows);
    faults.push(...await compareLogits(cell, session, golden, 'short.', rows, inputs, (await session.getProgram().run({ inputs })).logits));
  }
  return faults;
}

async function compareLogits(
  cell: Cell, session: ModelSession, golden: ReadonlyMap<string, Tensor>, prefix: string, rows: readonly number[], inputs: ReadonlyMap<Value, Tensor>, logits: Tensor | null,
): Promise<readonly Fault[]> {
  const { logits: output } = session.getProgram().shape;
  if (!output || !logits) return [];
  const what = prefix === '' ? output.name : `${output.name} of another length`;
  const actual = toFloat32(logits);
  const expected = golden.get(`${prefix}${output.name}`);
  if (cell.compare === 'pytorch' && expected) {
    const off = maxAbs(actual, toFloat32(take(expected, 0, rows)));
    return off < TOLERANCE ? [] : [{ address: null, what: `${what} differs from PyTorch's by ${off}` }];
  }
  const truth = await untouched(cell.path, inputs, output.name, session.level);
  const isHalf = [...session.model.weights.values()].some((weight) => weight.dataType === FLOAT16 && weight.dims.length > 1);
  const allowed = (isHalf ? HALF_TOLERANCE : TOLERANCE) * truth.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const off = maxAbs(actual, truth);
  return off <= allowed ? [] : [{ address: null, what: `${what} differs from the untouched file's by ${off}` }];
}

async function untouched(path: string, inputs: ReadonlyMap<Value, Tensor>, output: string, optimization: OptimizationLevel): Promise<Float32Array> {
  const whole = await OrtSession.create({ path }, { optimization, threads: 1 });
  const outputs = await whole.run(new Map([...inputs].map(([value, tensor]) => [value.name, tensor])), [output]);
  await whole.release();
  const tensor = outputs.get(output);
  return tensor ? toFloat32(tensor) : new Float32Array(0);
}
