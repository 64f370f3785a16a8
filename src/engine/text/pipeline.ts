/** The way of a text to its tokens: added tokens cut out, normalized, cut, looked up; each step keeps every character's place. */
import { Aligned } from './aligned.ts';
import type { Span } from './aligned.ts';
import { cutAt } from './addedTokens.ts';
import { frameOf } from './frame.ts';
import type { Frame } from './frame.ts';
import { isJson } from './json.ts';
import type { Json } from './json.ts';
import { modelOf } from './models.ts';
import { normalizerOf } from './normalizers.ts';
import { preTokenizerOf } from './preTokenizers.ts';
import { Vocabulary } from './vocabulary.ts';

export interface Token {
  readonly id: number;
  readonly span: Span;
}

export interface Pipeline {
  readonly vocabulary: Vocabulary;
  readonly frame: Frame;
  readonly encode: (text: string) => readonly Token[];
}

/**
 * Truncation and padding that a file asks for are left out, as transformers leaves them out unless a call asks: the person decides how long
 * a prompt is, and padding would change what is computed.
 */
export function makePipeline(definition: Json): Pipeline {
  const vocabulary = Vocabulary.of(definition);
  const normalizer = isJson(definition['normalizer']) ? normalizerOf(definition['normalizer']) : (text: Aligned): Aligned => text;
  const normalized = cutAt(vocabulary.added.filter((token) => token.normalized), (content) => normalizer(Aligned.of(content)).text);
  const asTyped = cutAt(vocabulary.added.filter((token) => !token.normalized), (content) => content);
  const preTokenize = preTokenizerOf(definition['pre_tokenizer']);
  const model = modelOf(definition['model'], vocabulary);
  const tokensOf = (part: Aligned): readonly Token[] => preTokenize(part).filter((piece) => piece.text !== '').flatMap((piece) => model(piece.text).map(({ id, from, to }) => ({ id, span: piece.span(from, to) })));
  const cut = (sections: ReturnType<typeof cutAt>, part: Aligned, between: (rest: Aligned) => readonly Token[]): readonly Token[] =>
    sections(part).flatMap((section) => (section.token ? [{ id: section.token.id, span: section.part.span(0, section.part.text.length) }] : between(section.part)));
  return {
    vocabulary,
    frame: frameOf(definition['post_processor']),
    encode: (text) => cut(asTyped, Aligned.of(text), (part) => cut(normalized, normalizer(part), tokensOf)),
  };
}
