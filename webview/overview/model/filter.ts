/** The filter over addresses: words, globs and short forms. */
import { canonicalOf, globMatcher, parseShort } from '../../../src/shared/addresses.ts';
import type { SymbolAddress } from '../../../src/shared/protocol/engineApi.ts';
import { axesWords } from './words.ts';

/** Words must all occur somewhere in a row; a word with a star is a glob over the address; `L5H3` and the like stand for what they point into. */
export function addressFilter(text: string): (entry: SymbolAddress) => boolean {
  const tests = text.trim().split(/\s+/).filter((word) => word !== '').map(wordTest);
  return (entry) => tests.every((test) => test(entry));
}

function wordTest(word: string): (entry: SymbolAddress) => boolean {
  const short = parseShort(word);
  const canonical = short && canonicalOf(short);
  if (canonical !== undefined) return (entry) => entry.address === canonical;
  if (word.includes('*')) {
    const matches = globMatcher(word);
    return (entry) => matches(entry.address);
  }
  const lower = word.toLowerCase();
  return (entry) => [entry.address, entry.tensor, axesWords(entry.axes)].some((part) => part.toLowerCase().includes(lower));
}
