/** A text on its way to the model, with the place in the user's text that each part of it came from. */

export interface Span {
  /** UTF-16 offsets into the prompt. */
  readonly start: number;
  readonly end: number;
  /** The characters there are not proved to be the token's. */
  readonly approximate: boolean;
}

/** What stands in the place of the units `from` to `to`; what no edit names stays. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export class Aligned {
  readonly text: string;
  /** The user's characters that each UTF-16 unit of `text` came from. */
  private readonly starts: readonly number[];
  private readonly ends: readonly number[];
  /** False where a normalizer changed the text in a way that could not be followed. */
  readonly isExact: boolean;

  private constructor(text: string, starts: readonly number[], ends: readonly number[], isExact: boolean) {
    this.text = text;
    this.starts = starts;
    this.ends = ends;
    this.isExact = isExact;
  }

  /** The user's text itself: each unit comes from its whole character. */
  static of(text: string): Aligned {
    const starts: number[] = [];
    const ends: number[] = [];
    let at = 0;
    for (const character of text) {
      for (let unit = 0; unit < character.length; unit++) {
        starts.push(at);
        ends.push(at + character.length);
      }
      at += character.length;
    }
    return new Aligned(text, starts, ends, true);
  }

  /** Is it the beginning of the user's text? */
  get isFirst(): boolean {
    return this.starts[0] === 0;
  }

  slice(from: number, to: number): Aligned {
    return new Aligned(this.text.slice(from, to), this.starts.slice(from, to), this.ends.slice(from, to), this.isExact);
  }

  /** Where the units `from` to `to` came from. */
  span(from: number, to: number): Span {
    const start = this.starts[from] ?? this.ends.at(-1) ?? 0;
    return { start, end: to > from ? Math.max(start, this.ends[to - 1] ?? start) : start, approximate: !this.isExact };
  }

  /** Edits, in order and apart. What is put in comes from what it replaces, and from nothing where it replaces nothing. */
  edit(edits: Iterable<Edit>): Aligned {
    let text = '';
    const starts: number[] = [];
    const ends: number[] = [];
    let at = 0;
    const keep = (to: number): void => {
      text += this.text.slice(at, to);
      for (; at < to; at++) {
        starts.push(this.starts[at] ?? 0);
        ends.push(this.ends[at] ?? 0);
      }
    };
    for (const { from, to, text: put } of edits) {
      keep(from);
      const { start, end } = this.span(from, to);
      text += put;
      for (let unit = 0; unit < put.length; unit++) {
        starts.push(start);
        ends.push(end);
      }
      at = to;
    }
    keep(this.text.length);
    return new Aligned(text, starts, ends, this.isExact);
  }

  /** Each match of a pattern in another spelling. */
  replace(pattern: RegExp, spell: (match: string) => string): Aligned {
    return this.edit(Array.from(this.text.matchAll(pattern), (match) => ({ from: match.index, to: match.index + match[0].length, text: spell(match[0]) })));
  }

  /** Each character in another spelling. Not as edits of each, which takes half as long again: byte-level tokenizers spell every text. */
  spell(spelling: (character: string) => string): Aligned {
    const starts: number[] = [];
    const ends: number[] = [];
    let [text, at] = ['', 0];
    for (const character of this.text) {
      const put = spelling(character);
      const { start, end } = this.span(at, at + character.length);
      for (let unit = 0; unit < put.length; unit++) {
        starts.push(start);
        ends.push(end);
      }
      text += put;
      at += character.length;
    }
    return new Aligned(text, starts, ends, this.isExact);
  }

  /** Another text of which it is only known that it comes from this one. */
  inexact(text: string): Aligned {
    const { start, end } = this.span(0, this.text.length);
    const units = Array.from({ length: text.length }, (_, unit) => Math.round((unit / Math.max(1, text.length)) * this.text.length));
    return new Aligned(text, units.map((unit) => this.starts[unit] ?? start), units.map((unit) => this.ends[unit] ?? end), false);
  }
}
