/**
 * What we use of @huggingface/tokenizers. Its own declarations import without file extensions, which Node's resolution
 * rules read as nothing; so the few members are declared here.
 */
import * as library from '@huggingface/tokenizers';
import type { AddedToken } from './sections.ts';

export interface LibraryTokenizer {
  encode(text: string, options: { readonly add_special_tokens: boolean }): { readonly ids: readonly number[] };
  id_to_token(id: number): string | undefined;
  token_to_id(token: string): number | undefined;
  get_added_tokens_decoder(): ReadonlyMap<number, AddedToken & { readonly special: boolean }>;
  readonly normalizer: ((text: string) => string) | null;
}

type Constructor = new (definition: object, config: object) => LibraryTokenizer;

/** Throws where the definition has a part that the library does not know. */
export function makeTokenizer(definition: object, config: object): LibraryTokenizer {
  const { Tokenizer } = library as unknown as { readonly Tokenizer: Constructor };
  return new Tokenizer(definition, config);
}
