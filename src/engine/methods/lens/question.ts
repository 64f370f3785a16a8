/** What a lens is asked: a prompt as tokens, positions, and the tokens that it is about. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { TokenSource } from '../../../shared/experiment/experiment.ts';
import type { FilledInput, TokenInfo } from '../../../shared/protocol/engineApi.ts';
import type { LensQuestion, LensToken } from '../../../shared/protocol/lensApi.ts';
import type { Tower } from '../../anatomy/types.ts';
import type { Value } from '../../onnx/graph.ts';
import type { Tensor } from '../../ort/tensor.ts';
import { prepareInputs } from '../../program/inputs.ts';
import type { ModelSession } from '../../session.ts';
import { readFiles } from '../captureInputs.ts';
import { oneToken } from '../oneToken.ts';
import { idsOf, positionIn, towerTokens } from '../prompt.ts';
import type { TowerTokens } from '../prompt.ts';

export interface Question {
  readonly towers: TowerTokens;
  /** Of the tower that predicts. */
  readonly tokens: readonly TokenInfo[];
  readonly positions: readonly number[];
  readonly target: LensToken | null;
  readonly distractor: LensToken | null;
  readonly inputs: ReadonlyMap<Value, Tensor>;
  readonly filled: readonly FilledInput[];
}

/** `fallback`: positions where none are given. Throws 'usage' for one that the prompt does not have. */
export async function readQuestion(session: ModelSession, params: LensQuestion, tower: Tower, fallback: 'all' | 'last'): Promise<Question> {
  const towers = towerTokens(session, params.prompt, params.prompts);
  const [first = []] = towers.values();
  const tokens = towers.get(tower.name) ?? first;
  const given = await readFiles(session, params.files ?? {});
  const { tensors, filled } = prepareInputs(session.model, session.types, session.anatomy, idsOf(towers), params.inputs ?? {}, given);
  const all = fallback === 'all' ? tokens.map((_, position) => position) : [tokens.length - 1];
  const positions = (params.positions ?? all).map((position) => positionIn(position, tokens.length));
  if (positions.length === 0) throw new CogscopeError('usage', 'No position is asked for', 'Give at least one');
  const prompt = params.prompts?.[tower.name] ?? params.prompt;
  const token = (source: TokenSource | null | undefined, what: string): LensToken | null => {
    if (source === undefined || source === null) return null;
    const { id, text } = oneToken(session, prompt.kind === 'text' ? prompt.text : prompt.ids, source, what);
    return { id, text };
  };
  return { towers, tokens, positions, target: token(params.target, 'target'), distractor: token(params.distractor, 'distractor'), inputs: tensors, filled };
}
