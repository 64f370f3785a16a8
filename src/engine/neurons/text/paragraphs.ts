/** A text file by its paragraphs: what stands between empty lines. */
import { textBlocks } from './decode.ts';
import { cutOf, piecesOf } from './piece.ts';
import type { Pieces } from './piece.ts';

/** Empty lines, with the end of the line before them. */
const between = /\r?\n(?:[ \t]*\r?\n)+/g;
/** More than a piece can be: what is kept of a paragraph without end. */
const KEPT = 1 << 17;

export async function* paragraphs(path: string, limit?: number): Pieces {
  let kept = '';
  let offset = 0;
  let line = 1;
  const pass = (length: number): void => {
    for (let at = kept.indexOf('\n'); at !== -1 && at < length; at = kept.indexOf('\n', at + 1)) line++;
    kept = kept.slice(length);
    offset += length;
  };
  for await (const block of textBlocks(path, limit)) {
    kept += block;
    let from = 0;
    // An empty line at the end of the block may go on in the next one.
    const ends = [...kept.matchAll(between)].filter((match) => match.index + match[0].length < kept.length);
    for (const match of ends) {
      const length = match.index - from;
      yield* piecesOf(kept.slice(0, length), line, offset);
      pass(length + match[0].length);
      from = match.index + match[0].length;
    }
    while (kept.length > KEPT) {
      const length = cutOf(kept);
      yield* piecesOf(kept.slice(0, length), line, offset);
      pass(length);
    }
  }
  yield* piecesOf(kept.replace(/\s+$/, ''), line, offset);
}
