/** Special tokens of vocabularies that come without a tokenizer.json. */
import type { Json } from '../json.ts';

type Ids = Readonly<Record<string, number>>;

/** Those of the names that the vocabulary has, as added tokens. `<mask>` takes the space before it along, as RoBERTa's does. */
export const addedOf = (vocab: Ids, names: readonly string[]): readonly Json[] =>
  names.flatMap((content) => (vocab[content] === undefined ? [] : [{ id: vocab[content], content, special: true, normalized: false, lstrip: content === '<mask>', rstrip: false, single_word: false }]));

/** A template of tokens around a text; those that the vocabulary lacks are left out. */
export function frameAround(vocab: Ids, before: readonly string[], behind: readonly string[]): Json {
  const has = (name: string): boolean => vocab[name] !== undefined;
  const item = (id: string): Json => ({ SpecialToken: { id, type_id: 0 } });
  const used = [...before, ...behind].filter(has);
  return {
    type: 'TemplateProcessing',
    single: [...before.filter(has).map(item), { Sequence: { id: 'A', type_id: 0 } }, ...behind.filter(has).map(item)],
    special_tokens: Object.fromEntries(used.map((id) => [id, { id, ids: [vocab[id]], tokens: [id] }])),
  };
}
