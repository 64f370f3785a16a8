/** vocab.json and merges.txt (and added_tokens.json, for tokens that came later), as GPT-2, RoBERTa and CLIP have them. */
import { isJson, rowOf, textOf } from '../json.ts';
import type { Json } from '../json.ts';
import { addedOf, frameAround } from './special.ts';

const SPECIAL = ['<|endoftext|>', '<|startoftext|>', '<s>', '</s>', '<pad>', '<unk>', '<mask>'];
const byteLevel = { type: 'ByteLevel', trim_offsets: false };

/** Which of the three it is: by the class that tokenizer_config.json names, else by the tokens that the vocabulary has. */
type Make = 'gpt2' | 'roberta' | 'clip';
const makes: Readonly<Record<string, Make>> = { GPT2: 'gpt2', Roberta: 'roberta', Bart: 'roberta', Longformer: 'roberta', CLIP: 'clip' };

function makeOf(vocab: Json, config: Json): Make {
  const name = textOf(config['tokenizer_class']).replace(/Tokenizer(Fast)?$/, '');
  const make = rowOf(makes, name);
  if (make) return make;
  if (name !== '') throw new Error(`${name} needs more than vocab.json and merges.txt say; save its tokenizer.json`);
  if (Object.keys(vocab).some((token) => token.endsWith('</w>'))) return 'clip';
  return '<s>' in vocab && '</s>' in vocab && !('<|endoftext|>' in vocab) ? 'roberta' : 'gpt2';
}

export function fromVocabularyAndMerges(vocabulary: unknown, mergesText: string, added: unknown, config: Json): Json {
  if (!isJson(vocabulary) || !isJson(added)) throw new Error('vocab.json is no table of tokens');
  const vocab = vocabulary as Readonly<Record<string, number>>;
  const merges = mergesText.split(/\r?\n/).filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#version'))).map((line) => line.split(' '));
  const prefix = { ...byteLevel, add_prefix_space: config['add_prefix_space'] === true, use_regex: true };
  const more = added as Readonly<Record<string, number>>;
  const shared = { pre_tokenizer: prefix, decoder: byteLevel, added_tokens: [...addedOf(vocab, SPECIAL), ...addedOf(more, Object.keys(more))] };
  const made: Readonly<Record<Make, () => Json>> = {
    gpt2: () => ({ ...shared, model: { type: 'BPE', vocab, merges }, post_processor: config['add_bos_token'] === true ? frameAround(vocab, [contentOf(config['bos_token'])], []) : null }),
    roberta: () => ({ ...shared, model: { type: 'BPE', vocab, merges }, post_processor: frameAround(vocab, ['<s>'], ['</s>']) }),
    clip: () => ({
      ...shared,
      model: { type: 'BPE', vocab, merges, end_of_word_suffix: '</w>', unk_token: '<|endoftext|>' },
      normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }] },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" }, behavior: 'Removed', invert: true },
          { ...prefix, add_prefix_space: false },
        ],
      },
      post_processor: frameAround(vocab, ['<|startoftext|>'], ['<|endoftext|>']),
    }),
  };
  return made[makeOf(vocabulary, config)]();
}

/** A token of tokenizer_config.json: its text, or a record of it. */
export const contentOf = (token: unknown): string => (isJson(token) ? textOf(token['content']) : textOf(token));
