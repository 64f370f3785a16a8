/** Patterns of a tokenizer.json: a text, or a regular expression of the Oniguruma dialect, which the library rewrites for JavaScript. */
import * as library from '@huggingface/tokenizers';
import { isJson, textOf } from './json.ts';
import type { Json } from './json.ts';

type SplitConstructor = new (config: object) => { readonly pattern: RegExp | null };

/** Throws where the expression has a part that JavaScript cannot express. */
export function patternOf(config: Json): RegExp {
  const pattern = config['pattern'];
  const { SplitPreTokenizer } = library as unknown as { readonly SplitPreTokenizer: SplitConstructor };
  const made = isJson(pattern) && new SplitPreTokenizer({ pattern }).pattern;
  if (!made) throw new Error('a pattern that is neither a String nor a Regex');
  return textOf(isJson(pattern) && pattern['Regex']).includes('(?i') ? new RegExp(foldLatin(made.source), made.flags) : made;
}

/** Where case does not matter, the long s and the sign for kelvin are an s and a k; the library folds ASCII alone. */
const foldLatin = (source: string): string => source.replaceAll('[sS]', '[sS\u017f]').replaceAll('[kK]', '[kK\u212a]');
