/** Tokens and their ids, as a model's file gives them. */
import { CogscopeError } from '../../shared/errors.ts';
import { isJson, list, parts, textOf } from './json.ts';
import type { Json } from './json.ts';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only where no letters touch it. */
  readonly singleWord: boolean;
  /** It takes the white space before it, or behind it, along. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** It is looked for in the text as the normalizer leaves it. */
  readonly normalized: boolean;
  readonly special: boolean;
}

export class Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  readonly added: readonly AddedToken[];
  private readonly special: ReadonlySet<number>;
  private readonly texts: ReadonlyMap<number, string>;

  private constructor(ids: ReadonlyMap<string, number>, added: readonly AddedToken[], unknown: string) {
    this.ids = ids;
    this.added = added;
    this.special = new Set(added.filter((token) => token.special && token.content !== unknown).map(({ id }) => id));
    this.texts = new Map([...[...ids].map(([text, id]) => [id, text] as const), ...added.map((token) => [token.id, token.content] as const)]);
  }

  /** Throws 'unreadable' where ids are none, or two tokens have the same. */
  static of(definition: Json): Vocabulary {
    const model = isJson(definition['model']) ? definition['model'] : {};
    const ids = idsOf(model['vocab']);
    const added = parts(definition['added_tokens']).map(addedToken);
    const owners = new Map<number, string>();
    for (const [text, id] of [...ids, ...added.map(({ content, id }) => [content, id] as const)]) {
      if (!Number.isInteger(id) || id < 0) throw broken(`the token ${JSON.stringify(text)} has no id`);
      const owner = owners.get(id);
      if (owner !== undefined && owner !== text) throw broken(`the tokens ${JSON.stringify(owner)} and ${JSON.stringify(text)} have the same id, ${id}`);
      owners.set(id, text);
    }
    const renumbered = added.find(({ content, id }) => ids.has(content) && ids.get(content) !== id);
    if (renumbered) throw broken(`the token ${JSON.stringify(renumbered.content)} has two ids, ${ids.get(renumbered.content) ?? ''} and ${renumbered.id}`);
    return new Vocabulary(ids, added, unknownOf(model));
  }

  /** The id of a token, added or not. */
  id(text: string): number | undefined {
    return this.added.find(({ content }) => content === text)?.id ?? this.ids.get(text);
  }

  token(id: number): string | undefined {
    return this.texts.get(id);
  }

  /** Does it stand for something else than text? The token for what is unknown stands for text. */
  isSpecial(id: number): boolean {
    return this.special.has(id);
  }
}

function unknownOf({ unk_token: token, unk_id: id, vocab }: Json): string {
  return typeof id === 'number' ? textOf(list(list(vocab)[id])[0]) : textOf(token);
}

/** Unigram has a list of tokens with scores, the others a table of ids. */
function idsOf(vocab: unknown): ReadonlyMap<string, number> {
  if (isJson(vocab)) return new Map(Object.entries(vocab).map(([text, id]) => [text, typeof id === 'number' ? id : NaN]));
  return new Map(list(vocab).map((entry, id) => [textOf(list(entry)[0]), id]));
}

const addedToken = (token: Json): AddedToken => ({
  id: typeof token['id'] === 'number' ? token['id'] : NaN,
  content: textOf(token['content']),
  singleWord: token['single_word'] === true,
  lstrip: token['lstrip'] === true,
  rstrip: token['rstrip'] === true,
  normalized: token['normalized'] === undefined ? token['special'] !== true : token['normalized'] === true,
  special: token['special'] === true,
});

/** A tokenizer whose file contradicts itself. */
export const broken = (why: string): CogscopeError => new CogscopeError('unreadable', `The tokenizer is damaged: ${why}`, 'Export it again, or give token ids');
