/** Settings of tokenizer_config.json that change ids, put into the definition, for the classes that heed them. */
import { isJson, parts, textOf } from '../json.ts';
import type { Json } from '../json.ts';
import { contentOf } from './bpeFiles.ts';
import { frameAround } from './special.ts';

interface Setting {
  readonly of: RegExp;
  readonly apply: (definition: Json, config: Json) => Json;
}

const settings: readonly Setting[] = [
  {
    of: /^(Llama|CodeLlama|Gemma|Cohere|PreTrained|Tokenizers)/,
    apply: (definition, config) => {
      if (typeof config['add_bos_token'] !== 'boolean' && typeof config['add_eos_token'] !== 'boolean') return definition;
      const ids = Object.fromEntries(idsOf(definition));
      const around = (wanted: unknown, token: unknown): readonly string[] => (wanted === true ? [contentOf(token)] : []);
      return { ...definition, post_processor: frameAround(ids, around(config['add_bos_token'], config['bos_token']), around(config['add_eos_token'], config['eos_token'])) };
    },
  },
  {
    of: /^(GPT2|Roberta|Bart|Longformer|PreTrained|Tokenizers)/,
    apply: (definition, config) => {
      const [pre, prefix] = [definition['pre_tokenizer'], config['add_prefix_space']];
      return typeof prefix === 'boolean' && isJson(pre) && pre['type'] === 'ByteLevel' ? { ...definition, pre_tokenizer: { ...pre, add_prefix_space: prefix } } : definition;
    },
  },
  {
    of: /^(Bert|DistilBert|Electra|MobileBert|MPNet|Funnel|LayoutLM)/,
    apply: (definition, config) => {
      const normalizer = definition['normalizer'];
      if (!isJson(normalizer) || normalizer['type'] !== 'BertNormalizer') return definition;
      const given = { lowercase: config['do_lower_case'], strip_accents: config['strip_accents'], handle_chinese_chars: config['tokenize_chinese_chars'] };
      return { ...definition, normalizer: { ...normalizer, ...Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === 'boolean')) } };
    },
  },
];

/** Every token with its id. */
export function idsOf(definition: Json): readonly (readonly [string, number])[] {
  const added = parts(definition['added_tokens']).map((token) => [textOf(token['content']), Number(token['id'])] as const);
  const vocab = isJson(definition['model']) ? definition['model']['vocab'] : undefined;
  const own = isJson(vocab) ? Object.entries(vocab).map(([text, id]) => [text, Number(id)] as const) : (Array.isArray(vocab) ? vocab : []).map((entry: unknown, id) => [String((entry as readonly unknown[])[0]), id] as const);
  return [...own, ...added];
}

/** Where the class is not named, the definition stays as it is. */
export function configure(definition: Json, config: Json): Json {
  const name = textOf(config['tokenizer_class']);
  return settings.filter(({ of }) => of.test(name)).reduce((made, { apply }) => apply(made, config), definition);
}
