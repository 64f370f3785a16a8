/** From prompts to tokens, checked against what the model takes. */
import type { Prompt, TokenInfo } from '../../shared/protocol/engineApi.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { Tower } from '../anatomy/types.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { Value } from '../onnx/graph.ts';
import type { ModelSession } from '../session.ts';

/** An input of token ids and the tower that starts from it; none where no towers were found. */
export interface IdsInput {
  readonly name: string;
  readonly input: Value;
  readonly tower: Tower | undefined;
}

/** In the towers' order: the prompt of a run is the first one's. */
export function idsInputs({ anatomy, model }: ModelSession): readonly IdsInput[] {
  const ofTowers = anatomy.towers.flatMap((tower) => (tower.ids ? [{ name: tower.name, input: tower.ids, tower }] : []));
  const input = model.graph.inputs.find((candidate) => anatomy.roles.get(candidate) === 'ids');
  return ofTowers.length > 0 || !input ? ofTowers : [{ name: '', input, tower: anatomy.towers[0] }];
}

/** Tokens of each tower that takes them, by its name. */
export type TowerTokens = ReadonlyMap<string, readonly TokenInfo[]>;

/** Tokens of a run; `known` are those that files give. Throws as {@link tokensOf}, and where a tower behind the first has no prompt of its own. */
export function towerTokens(session: ModelSession, prompt: Prompt, others: Readonly<Record<string, Prompt>> = {}, known: TowerTokens = new Map()): TowerTokens {
  const inputs = idsInputs(session);
  const unknown = Object.keys(others).find((name) => !inputs.slice(1).some((one) => one.name === name));
  if (unknown !== undefined) throw new CogscopeError('usage', `The model has no second prompt "${unknown}"`, inputs.length > 1 ? `Its second prompt is "${inputs[1]?.name ?? ''}"` : 'Give one prompt');
  const tokens = new Map<string, readonly TokenInfo[]>();
  for (const one of inputs) tokens.set(one.name, known.get(one.name) ?? tokensOf(session, one === inputs[0] ? prompt : others[one.name] ?? firstToken(session, one), one));
  return tokens.size > 0 ? tokens : new Map([['', tokensOf(session, prompt)]]);
}

/** What a decoder starts with when nothing is said: the token that its configuration names. */
function firstToken({ decoderStart }: ModelSession, { name, input }: IdsInput): Prompt {
  if (decoderStart !== null && name === 'dec') return { kind: 'ids', ids: [decoderStart] };
  throw new CogscopeError('usage', `Input "${input.name}" has no prompt`, name === 'dec' ? 'Give the decoder a prompt of its own' : `Give "${name}" a prompt of its own`);
}

/** Ids of each tower's tokens. */
export const idsOf = (tokens: TowerTokens): ReadonlyMap<string, readonly number[]> => new Map([...tokens].map(([name, one]) => [name, one.map((token) => token.id)]));

/** Tokens of a prompt. Throws 'usage' for ids outside the vocabulary, an empty prompt, or one longer than the context. */
export function tokensOf(session: ModelSession, prompt: Prompt, from: IdsInput | undefined = idsInputs(session)[0]): readonly TokenInfo[] {
  if (!from) {
    if ([...session.anatomy.roles.values()].includes('pixels')) throw new CogscopeError('refused', 'This model takes an image, and none is given', 'Choose one, or give --image FILE');
    throw new CogscopeError('usage', 'This model has no input for tokens that Cogscope recognises', 'Give each input by name');
  }
  const tokens = prompt.kind === 'text' ? encode(session, prompt.text, prompt.special) : prompt.ids.map((id) => idToken(session, id));
  checkTokens(session, tokens, from);
  return tokens;
}

function encode(session: ModelSession, text: string, special: boolean): readonly TokenInfo[] {
  const { tokenizer } = session;
  if ('missing' in tokenizer) throw new CogscopeError('usage', tokenizer.missing, 'Give token ids, or put a tokenizer.json beside the model');
  return tokenizer.encode(text, { special });
}

export function idToken(session: ModelSession, id: number): TokenInfo {
  return { id, text: session.decode(id), start: 0, end: 0, special: false, approximate: false };
}

function checkTokens(session: ModelSession, tokens: readonly TokenInfo[], from: IdsInput): void {
  const { tower } = from;
  if (tokens.length === 0) throw new CogscopeError('usage', 'The prompt is empty', 'Type at least one token');
  const vocab = vocabulary(session, from);
  const outside = tokens.find((token) => !Number.isSafeInteger(token.id) || token.id < 0 || (vocab !== null && token.id >= vocab));
  if (outside) {
    throw new CogscopeError('usage', `Token id ${outside.id} is outside the vocabulary${vocab === null ? '' : ` of ${vocab}`}`, 'Use ids of this model’s own tokenizer');
  }
  checkFrozen(session, tokens.length, from);
  const context = tower?.context ?? null;
  if (context !== null && tokens.length > context) {
    throw new CogscopeError('usage', `The prompt has ${tokens.length} tokens and the model’s context holds ${context}`, `Shorten it by ${tokens.length - context === 1 ? 'one token' : `${tokens.length - context} tokens`}`);
  }
}

/** A position counted from the start; negative ones count from the end. Throws 'usage' for one that the prompt does not have. */
export function positionIn(position: number, length: number): number {
  const at = position < 0 ? length + position : position;
  if (!Number.isSafeInteger(at) || at < 0 || at >= length) throw new CogscopeError('usage', `There is no position ${position} in a prompt of ${length} tokens`, `Choose 0 to ${length - 1}, or -1 for the last`);
  return at;
}

/** A file that was exported for one shape takes no other. */
function checkFrozen(session: ModelSession, length: number, from: IdsInput): void {
  const { rows, length: fixed } = frozenShape(session, from);
  if (rows !== null && rows !== 1) throw new CogscopeError('refused', `The model takes exactly ${rows} prompts at a time`, 'Export it with a dynamic batch, or for one prompt');
  if (fixed !== null && fixed !== length) {
    throw new CogscopeError('usage', `The model takes exactly ${fixed} tokens, and the prompt has ${length}`, `Use a prompt of ${fixed} tokens, or export the model with a dynamic length`);
  }
}

/** What the file fixes of the ids' shape; null where it is open. */
export function frozenShape(session: ModelSession, { input }: IdsInput): { readonly rows: number | null; readonly length: number | null } {
  const { shape } = session.types.of(input);
  const [rows, length] = shape?.length === 2 ? shape : [undefined, shape?.[0]];
  return { rows: asNumber(rows) ?? null, length: asNumber(length) ?? null };
}

/** Rows of the token table: ids must stay below, whatever the output's width. */
export function vocabulary(session: ModelSession, { tower }: IdsInput): number | null {
  const table = tower?.embed?.value.producer?.inputs[0];
  const rows = table && session.types.of(table).shape?.[0];
  return asNumber(rows) ?? null;
}
