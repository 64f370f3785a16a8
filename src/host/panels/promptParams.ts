/** Prompts, tokens and patterns as panels send them. Pure. */
import type { TokenSource } from '../../shared/experiment/experiment.ts';
import type { Prompt } from '../../shared/protocol/engineApi.ts';
import { headKinds } from '../../shared/protocol/headApi.ts';
import type { DetectionPattern, HeadKind } from '../../shared/protocol/headApi.ts';
import { flag, floats, list, number, object, oneOf, orElse, text, union, whole, withOptional } from './check.ts';
import type { Check } from './check.ts';

/** A prompt of a million characters is a quarter of a million tokens: more than any context. */
export const PROMPT_CHARACTERS = 1 << 20;
export const PROMPT_TOKENS = 1 << 18;
export const MANY = 0x7fffffff;
/** Characters of a name: of a tower, of a drawn pattern. */
const NAME = 200;
const TOKEN = 1000;
/** A drawn pattern has a cell for each two tokens of a prompt. */
const DRAWN_CELLS = 1 << 22;

export const prompt = union<Prompt>({
  text: object({ kind: oneOf(['text']), text: text(PROMPT_CHARACTERS), special: flag }),
  ids: object({ kind: oneOf(['ids']), ids: list(number, PROMPT_TOKENS) }),
});

export const token = orElse<TokenSource, number>(whole(0, MANY), 'number', text(TOKEN));

const named = object<{ readonly kind: HeadKind }>({ kind: oneOf(headKinds) });

export const detection: Check<DetectionPattern> = (value, at) => {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (kind === 'offset') return object<Extract<DetectionPattern, { kind: 'offset' }>>({ kind: oneOf(['offset']), offset: whole(-MANY, MANY) })(value, at);
  if (kind === 'drawn') {
    return withOptional<Omit<Extract<DetectionPattern, { kind: 'drawn' }>, 'tower'>, { readonly tower: string }>(
      object({ kind: oneOf(['drawn']), name: text(NAME), size: whole(0, MANY), values: floats(DRAWN_CELLS) }), { tower: text(NAME) })(value, at);
  }
  return named(value, at);
};
