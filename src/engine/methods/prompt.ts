/** From a prompt to tokens, checked against what the model takes. */
import type { Prompt, TokenInfo } from '../../shared/protocol/engineApi.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { ModelSession } from '../session.ts';

/** Tokens of a prompt. Throws 'usage' for ids outside the vocabulary, an empty prompt, or one longer than the context. */
export function tokensOf(session: ModelSession, prompt: Prompt): readonly TokenInfo[] {
  if (![...session.anatomy.roles.values()].includes('ids')) {
    throw new CogscopeError('usage', 'This model has no input for tokens that Cogscope recognises', 'Give each input by name');
  }
  const tokens = prompt.kind === 'text' ? encode(session, prompt.text, prompt.special) : prompt.ids.map((id) => idToken(session, id));
  checkTokens(session, tokens);
  return tokens;
}

function encode(session: ModelSession, text: string, special: boolean): readonly TokenInfo[] {
  const { tokenizer } = session;
  if ('missing' in tokenizer) throw new CogscopeError('usage', `There is no tokenizer for this model: ${tokenizer.missing}`, 'Give token ids, or put a tokenizer.json beside the model');
  return tokenizer.encode(text, { special });
}

function idToken(session: ModelSession, id: number): TokenInfo {
  return { id, text: session.decode(id), start: 0, end: 0, special: false, approximate: false };
}

function checkTokens(session: ModelSession, tokens: readonly TokenInfo[]): void {
  const [tower] = session.anatomy.towers;
  if (tokens.length === 0) throw new CogscopeError('usage', 'The prompt is empty', 'Type at least one token');
  const vocab = tower?.embed ? vocabulary(session) : null;
  const outside = tokens.find((token) => !Number.isSafeInteger(token.id) || token.id < 0 || (vocab !== null && token.id >= vocab));
  if (outside) {
    throw new CogscopeError('usage', `Token id ${outside.id} is outside the vocabulary${vocab === null ? '' : ` of ${vocab}`}`, 'Use ids of this model’s own tokenizer');
  }
  checkFrozen(session, tokens.length);
  const context = tower?.context ?? null;
  if (context !== null && tokens.length > context) {
    throw new CogscopeError('usage', `The prompt has ${tokens.length} tokens and the model’s context holds ${context}`, `Shorten it by ${tokens.length - context === 1 ? 'one token' : `${tokens.length - context} tokens`}`);
  }
}

/** A file that was exported for one shape takes no other. */
function checkFrozen(session: ModelSession, length: number): void {
  const { rows, length: fixed } = frozenShape(session);
  if (rows !== null && rows !== 1) throw new CogscopeError('refused', `The model takes exactly ${rows} prompts at a time`, 'Export it with a dynamic batch, or for one prompt');
  if (fixed !== null && fixed !== length) {
    throw new CogscopeError('usage', `The model takes exactly ${fixed} tokens, and the prompt has ${length}`, `Use a prompt of ${fixed} tokens, or export the model with a dynamic length`);
  }
}

/** What the file fixes of the ids' shape; null where it is open. */
export function frozenShape(session: ModelSession): { readonly rows: number | null; readonly length: number | null } {
  const ids = session.model.graph.inputs.find((input) => session.anatomy.roles.get(input) === 'ids');
  const shape = ids && session.types.of(ids).shape;
  const [rows, length] = shape?.length === 2 ? shape : [undefined, shape?.[0]];
  return { rows: asNumber(rows) ?? null, length: asNumber(length) ?? null };
}

/** Rows of the token table: ids must stay below, whatever the output's width. */
export function vocabulary(session: ModelSession): number | null {
  const table = session.anatomy.towers[0]?.embed?.value.producer?.inputs[0];
  const rows = table && session.types.of(table).shape?.[0];
  return rows && rows.symbols.length === 0 ? rows.coefficient : null;
}
