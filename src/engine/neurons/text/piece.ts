/** A stretch of text that is tokenised by itself. */
export interface Piece {
  readonly text: string;
  /** Of a text file the line that it begins in; of JSONL and CSV the record, of Parquet the row. Counts from 1. */
  readonly record: number;
  /** Where it begins, in UTF-16 units: of a text file from the file's beginning (its mark not counted), else from that of the record's text. */
  readonly offset: number;
}

export type Pieces = AsyncGenerator<Piece>;

/** Longer stretches are cut: a file may be one line. */
const MOST = 1 << 15;
/** How far back the cut may move to stand before a space. */
const BACK = 1 << 10;

/** Where a text of more than {@link MOST} units is cut: before a space, so that the words stay, and never between two halves of a character. */
export function cutOf(text: string): number {
  if (text.length <= MOST) return text.length;
  for (let at = MOST; at > MOST - BACK; at--) if (/\s/.test(text.charAt(at)) && !/\s/.test(text.charAt(at - 1))) return at;
  const code = text.charCodeAt(MOST - 1);
  return code >= 0xd800 && code < 0xdc00 ? MOST - 1 : MOST;
}

/** A text in pieces of bounded length, those of white space left out. */
export function* piecesOf(text: string, record: number, offset = 0): Generator<Piece> {
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at, at + MOST + 1);
    const length = cutOf(rest);
    const part = rest.slice(0, length);
    if (part.trim() !== '') yield { text: part, record, offset: offset + at };
    at += length;
  }
}
