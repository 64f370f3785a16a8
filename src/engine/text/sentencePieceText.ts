/** A text as SentencePiece itself prepares it (`normalizer.cc`), for vocabularies read from its own file. */
import type { Aligned, Edit } from './aligned.ts';
import { Charsmap } from './charsmap.ts';
import { list, textOf } from './json.ts';
import type { Json } from './json.ts';

const utf8 = new TextEncoder();
const decode = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * User-defined symbols stay; elsewhere the longest entry of the charsmap is respelt. Then white space at the ends and beyond the first of a
 * run is dropped (at the end a typed ▁ is white space too), a space is put before the text, and spaces are written ▁, each where the file says so.
 */
export function sentencePiece(config: Json): (text: Aligned) => Aligned {
  const bytes = Buffer.from(textOf(config['charsmap']), 'base64');
  const map = bytes.length === 0 ? undefined : Charsmap.read(bytes);
  const symbols = list(config['symbols']).map(textOf).sort((a, b) => b.length - a.length);
  return (text) => {
    const edits = map ? respellings(text.text, map, symbols) : [];
    let made = text.edit(edits);
    if (config['removeExtra'] === true) made = made.replace(/^ +| +$/gu, () => '').replace(/ {2,}/gu, () => ' ');
    if (config['prefix'] === true && made.text !== '') made = made.edit([{ from: 0, to: 0, text: ' ' }]);
    const spelt = config['escape'] === true ? made.replace(/ /gu, () => '▁') : made;
    return config['removeExtra'] === true ? spelt.replace(/[ ▁]+$/gu, () => '') : spelt;
  };
}

/** The longest entry of the map at each place. An entry is looked for in the bytes of the next few characters. */
function respellings(text: string, map: Charsmap, symbols: readonly string[]): readonly Edit[] {
  const edits: Edit[] = [];
  let at = 0;
  while (at < text.length) {
    const symbol = symbols.find((one) => text.startsWith(one, at));
    if (symbol !== undefined) {
      at += symbol.length;
      continue;
    }
    const ahead = utf8.encode(text.slice(at, at + LONGEST));
    const found = [...map.prefixes(ahead)].at(-1);
    const step = found ? decode.decode(ahead.subarray(0, found.bytes)).length : String.fromCodePoint(text.codePointAt(at) ?? 0).length;
    if (found) edits.push({ from: at, to: at + step, text: found.spelling });
    at += step;
  }
  return edits;
}

/** No entry of the published maps is longer. */
const LONGEST = 32;
