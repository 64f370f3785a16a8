/** Runs the checks of the anatomy on a small input and says what held. */
import type { CheckReport, CheckResult, Refusal } from '../../shared/summary.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { toCanonical } from '../anatomy/canonical.ts';
import type { Block } from '../anatomy/types.ts';
import { mlpOutput, patternTimesValues, sameNumbers, sumOf } from '../analysis/checks.ts';
import { readOutputMap } from '../analysis/outputMap.ts';
import { OrtSession } from '../ort/session.ts';
import { toFloat32 } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { Value } from '../onnx/graph.ts';
import { prepareInputs } from '../program/inputs.ts';
import { Program } from '../program/program.ts';
import type { ModelSession } from '../session.ts';

/** Tokens of the check's prompt: enough for every head to have something to choose from. */
const CHECK_TOKENS = 8;
/** Positions at which W_out is multiplied out in JavaScript; each costs neurons × width multiplications a layer. */
const CHECK_POSITIONS: readonly number[] = [1, CHECK_TOKENS - 1];

export async function checkAnatomy(session: ModelSession, signal: AbortSignal): Promise<CheckReport> {
  const started = performance.now();
  const refused: Refusal[] = [];
  try {
    const checks = [...(await checkParts(session, signal, refused)), ...(await checkChain(session, signal))];
    return { checks, refused, error: null, ms: performance.now() - started };
  } catch (error) {
    const described = CogscopeError.describe(error);
    if (described.code === 'cancelled') throw error;
    return { checks: [], refused, error: described, ms: performance.now() - started };
  }
}

/** Ids spread over the vocabulary by a fixed stride, the same at every check. */
function checkInputs(session: ModelSession): ReadonlyMap<Value, Tensor> {
  const [tower] = session.anatomy.towers;
  const vocab = tower?.vocab ?? CHECK_TOKENS;
  const length = Math.min(CHECK_TOKENS, tower?.context ?? CHECK_TOKENS);
  const ids = Array.from({ length }, (_, index) => (1 + index * 7919) % vocab);
  return prepareInputs(session.model, session.types, session.anatomy.roles, ids, {}).tensors;
}

async function checkParts(session: ModelSession, signal: AbortSignal, refused: Refusal[]): Promise<readonly CheckResult[]> {
  const program = session.getProgram();
  const output = await program.run({ inputs: checkInputs(session), taps: program.shape.taps, logits: 'none', signal });
  const length = Math.min(CHECK_TOKENS, session.anatomy.towers[0]?.context ?? CHECK_TOKENS);
  const read = (address: string): CanonicalArray | undefined => {
    const entry = session.entry(address);
    const tensor = entry && output.taps.get(entry.place.value);
    return entry && tensor ? session.canonical(entry, tensor, length) : undefined;
  };
  return session.anatomy.towers.flatMap((tower) => tower.blocks.flatMap((block) => checkBlock(session, block, read, output.taps, length, refused)));
}

function checkBlock(
  session: ModelSession, block: Block, read: (address: string) => CanonicalArray | undefined, taps: ReadonlyMap<Value, Tensor>, length: number, refused: Refusal[],
): readonly CheckResult[] {
  const at = `blocks.${block.index}`;
  const results: CheckResult[] = [];
  const [pattern, v, z, attnOut, mlpOut, post] = ['attn.hook_pattern', 'attn.hook_v', 'attn.hook_z', 'hook_attn_out', 'hook_mlp_out', 'mlp.hook_post'].map((hook) => read(`${at}.${hook}`));
  const [pre, mid, end] = ['hook_resid_pre', 'hook_resid_mid', 'hook_resid_post'].map((hook) => read(`${at}.${hook}`));
  if (pattern && v && z) results.push(patternTimesValues(at, pattern, v, z));
  else if (block.attention) refused.push({ what: `pattern x v = z at ${at}`, reason: 'The values before the heads are joined were not found as a tensor' });

  const sumAt = (value: Value): CanonicalArray | undefined => {
    const tensor = taps.get(value);
    return tensor && toCanonical(toFloat32(tensor), tensor.dims, [['batch'], ['pos'], ['dModel']], ['batch', 'pos', 'dModel'], { batch: 1, pos: length });
  };
  const [firstSum, secondSum] = block.sums.map(sumAt);
  const isPost = block.norm === 'post';
  const total = isPost ? 'sum before the norm' : undefined;
  if (block.norm === 'parallel') {
    if (pre && attnOut && mlpOut && end) results.push(sumOf('resid_pre + attn_out + mlp_out = resid_post', at, [pre, attnOut, mlpOut], end));
  } else {
    const branch = attnOut ?? mlpOut;
    if (pre && branch && firstSum) results.push(sumOf(`resid_pre + ${attnOut ? 'attn_out' : 'mlp_out'} = ${total ?? (block.residMid ? 'resid_mid' : 'resid_post')}`, at, [pre, branch], firstSum));
    if (mid && mlpOut && secondSum) results.push(sumOf(`resid_mid + mlp_out = ${total ?? 'resid_post'}`, at, [mid, mlpOut], secondSum));
  }
  const map = block.mlp && readOutputMap(session.model, block.mlp);
  if (map && post && mlpOut) results.push(mlpOutput(at, post, map.matrix, map.bias, mlpOut, CHECK_POSITIONS.filter((position) => position < length)));
  else if (block.mlp) refused.push({ what: `mlp_post x W_out + b = mlp_out at ${at}`, reason: 'The output projection is not a plain matrix in the file' });
  return results;
}

/**
 * The chain against the file loaded by its path, both at ONNX Runtime's basic optimisation, where they are equal bit for
 * bit; then the fast chain against the same. The second set of sessions is released again at once.
 */
async function checkChain(session: ModelSession, signal: AbortSignal): Promise<readonly CheckResult[]> {
  const program = session.getProgram();
  const { logits } = program.shape;
  if (!logits) return [];
  const inputs = checkInputs(session);
  const fast = (await program.run({ inputs, signal })).logits;
  await program.release();
  const whole = await OrtSession.create({ path: session.model.realPath }, { optimization: 'basic', threads: session.settings.threads });
  const feeds = new Map([...inputs].map(([value, tensor]) => [value.name, tensor]));
  const expected = (await whole.run(feeds, [logits.name])).get(logits.name);
  await whole.release();
  const exactProgram = new Program(session.model, session.types, program.shape, { ...session.settings, level: 'basic' });
  const exact = (await exactProgram.run({ inputs, signal })).logits;
  await exactProgram.release();
  if (!fast || !exact || !expected) throw new CogscopeError('internal', 'The chain made no output to compare');
  return [
    sameNumbers('chain = file, bit for bit', 'logits', toFloat32(exact), toFloat32(expected), 0),
    sameNumbers('fast chain = file', 'logits', toFloat32(fast), toFloat32(expected)),
  ];
}

