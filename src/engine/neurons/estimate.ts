/** How many tokens a text has, told from its beginning. */
import { CogscopeError } from '../../shared/errors.ts';
import type { TextSource } from '../../shared/neurons/build.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { readPieces, sizeOf } from './text/source.ts';

/** Of each file. */
const LOOKED_AT = 1 << 20;
/** Characters of each file that are tokenised. */
const TOKENISED = 1 << 15;

/** Texts up to {@link LOOKED_AT} bytes are told by their own characters, longer ones by the share that their beginning has. */
export async function estimateTokens(sources: readonly TextSource[], tokenizer: Tokenizer): Promise<number> {
  let tokens = 0;
  for (const source of sources) {
    const size = await sizeOf(source);
    let [characters, tokenised, found] = [0, 0, 0];
    try {
      for await (const { text } of readPieces(source, LOOKED_AT)) {
        characters += text.length;
        if (tokenised >= TOKENISED) continue;
        const part = text.slice(0, TOKENISED);
        tokenised += part.length;
        found += tokenizer.encode(part, { special: false }).length;
      }
    } catch (error) {
      // The last record is cut in the middle; whatever else is wrong with the text is said when it is read in earnest.
      if (!(error instanceof CogscopeError) || size <= LOOKED_AT) throw error;
    }
    const share = size > LOOKED_AT ? size / LOOKED_AT : 1;
    if (tokenised > 0) tokens += (found / tokenised) * characters * share;
  }
  return Math.round(tokens);
}
