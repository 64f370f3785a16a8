/** The tokens that a tokenizer puts around a text. */
import { isJson, list, parts, rowOf, textOf } from './json.ts';
import type { Json } from './json.ts';

export interface Frame {
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

const none: Frame = { before: [], behind: [] };

function template(config: Json): Frame {
  const items = parts(config['single']);
  const at = items.findIndex((item) => 'Sequence' in item);
  const table = isJson(config['special_tokens']) ? config['special_tokens'] : {};
  const ids = (some: readonly Json[]): readonly number[] => some.flatMap((item) => {
    const special = isJson(item['SpecialToken']) ? item['SpecialToken'] : undefined;
    const entry = special && table[textOf(special['id'])];
    if (!isJson(entry)) throw new Error('a template that is not one text among special tokens');
    return list(entry['ids']).filter((id) => typeof id === 'number');
  });
  if (at < 0) throw new Error('a template without a text');
  return { before: ids(items.slice(0, at)), behind: ids(items.slice(at + 1)) };
}

/** `["[CLS]", 101]` on the left and `["[SEP]", 102]` on the right. */
function pair(config: Json): Frame {
  const id = (entry: unknown): readonly number[] => list(entry).filter((part) => typeof part === 'number').slice(0, 1);
  return { before: id(config['cls']), behind: id(config['sep']) };
}

const rows: Readonly<Record<string, (config: Json) => Frame>> = {
  ByteLevel: () => none,
  TemplateProcessing: template,
  BertProcessing: pair,
  RobertaProcessing: pair,
  Sequence: (config) => parts(config['processors']).map(frameOf).reduce((inner, outer) => ({ before: [...outer.before, ...inner.before], behind: [...inner.behind, ...outer.behind] }), none),
};

/** Throws where the kind is not known, or puts the tokens elsewhere. */
export function frameOf(config: unknown): Frame {
  if (!isJson(config)) return none;
  const row = rowOf(rows, textOf(config['type']));
  if (!row) throw new Error(`the post-processor ${textOf(config['type'])}`);
  return row(config);
}
