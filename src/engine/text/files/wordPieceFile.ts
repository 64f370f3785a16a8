/** BERT's vocab.txt: a token a line. */
import type { Json } from '../json.ts';
import { broken } from '../vocabulary.ts';
import { addedOf, frameAround } from './special.ts';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/**
 * Settings of tokenizer_config.json count as for BERT. Where they do not say whether capitals matter, the vocabulary does: one with capitals
 * was made to see them.
 */
export function fromVocabularyText(text: string, config: Json): Json {
  const tokens = text.replace(/^\ufeff/, '').replace(/\r?\n$/, '').split(/\r?\n/);
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const twice = tokens.findIndex((token, id) => vocab[token] !== id);
  if (twice >= 0) throw broken(`the token ${JSON.stringify(tokens[twice])} stands in lines ${twice + 1} and ${(vocab[tokens[twice] ?? ''] ?? 0) + 1}`);
  if (!('[UNK]' in vocab)) throw new Error('it has no [UNK], so it is no vocabulary of BERT');
  const hasCapitals = tokens.some((token) => token.toLowerCase() !== token && !/^\[.*\]$/.test(token));
  const isLower = config['do_lower_case'] ?? !hasCapitals;
  return {
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: config['tokenize_chinese_chars'] !== false, strip_accents: config['strip_accents'] ?? null, lowercase: isLower === true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: frameAround(vocab, ['[CLS]'], ['[SEP]']),
    added_tokens: addedOf(vocab, SPECIAL),
  };
}
