/** What can be said of each token of a vocabulary, as columns of numbers, and of a token where it stands. */
import { tokenClasses } from '../../../shared/neurons/readings.ts';
import type { TokenClass } from '../../../shared/neurons/readings.ts';

export const classNames = Object.keys(tokenClasses) as readonly TokenClass[];
export const bitOf = (name: TokenClass): number => 1 << classNames.indexOf(name);

/** Told by the token alone. */
const byText: readonly (readonly [TokenClass, RegExp])[] = [
  ['quotes', /^\s*["'`“”„‟‘’«»]+\s*$/u], ['digits', /^\s*\p{Nd}+\s*$/u], ['ends', /^\s*[.!?…。！？]+["'”’]?\s*$/u], ['breaks', /[\n\r]/u], ['brackets', /^\s*[()[\]{}<>]+\s*$/u],
  ['punctuation', /^\s*[^\P{P}"'`“”„‟‘’«»]+\s*$/u], ['symbols', /^\s*\p{S}+\s*$/u], ['capitals', /^\s*\p{Lu}{2,}\s*$/u], ['capitalised', /^\s*\p{Lu}\p{Ll}+/u],
  ['foreign', /[^\P{L}\p{Script=Latin}]/u], ['bytes', /^<0x[0-9A-F]{2}>$/u], ['special', /^(<(?!0x)[^<>\s]{2,}>|\[[A-Z]{2,}\])$/u],
];

const [QUOTES, ENDS, BREAKS, SPECIAL, CAPITALISED] = (['quotes', 'ends', 'breaks', 'special', 'capitalised'] as const).map(bitOf) as [number, number, number, number, number];
const [NAMES, PARTS, FIRST] = (['names', 'parts', 'first'] as const).map(bitOf) as [number, number, number];
/** Not classes, but what those are told by that depend on the place. */
const [STARTS_WITH_LETTER, STARTS_APART, ENDS_WITH_LETTER] = [1 << 28, 1 << 29, 1 << 30];

/** A token where it stands. Words and endings by their numbers; -1 where there is none. */
export interface Features {
  readonly mask: number;
  readonly word: number;
  readonly before: number;
  readonly ending2: number;
  readonly ending3: number;
}

/** Strings by numbers. */
export class Names {
  readonly all: string[] = [];
  private readonly numbers = new Map<string, number>();

  number(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.all.length);
    return this.all.push(name) - 1;
  }

  find(name: string): number {
    return this.numbers.get(name) ?? -1;
  }
}

const plainWord = (text: string): string => text.trim().toLowerCase();

/** Letters that a word must have for its ending to be one. */
const LONG_ENOUGH = 4;

export class Traits {
  readonly words = new Names();
  readonly endings = new Names();
  private readonly mask: Int32Array;
  private readonly word: Int32Array;
  private readonly ending2: Int32Array;
  private readonly ending3: Int32Array;

  constructor(vocab: number, decode: (id: number) => string) {
    this.mask = new Int32Array(vocab);
    this.word = new Int32Array(vocab).fill(-1);
    this.ending2 = new Int32Array(vocab).fill(-1);
    this.ending3 = new Int32Array(vocab).fill(-1);
    for (let id = 0; id < vocab; id++) {
      const text = decode(id);
      const plain = plainWord(text);
      for (const [name, pattern] of byText) if (pattern.test(text)) this.mask[id] = (this.mask[id] ?? 0) | bitOf(name);
      const more = (/^\s*\p{L}/u.test(text) ? STARTS_WITH_LETTER : 0) | (/^\s/u.test(text) ? STARTS_APART : 0) | (/\p{L}$/u.test(text) ? ENDS_WITH_LETTER : 0);
      this.mask[id] = (this.mask[id] ?? 0) | more;
      this.word[id] = this.words.number(plain);
      if (!/^\p{L}+$/u.test(plain)) continue;
      if (plain.length >= LONG_ENOUGH) this.ending2[id] = this.endings.number(plain.slice(-2));
      if (plain.length > LONG_ENOUGH) this.ending3[id] = this.endings.number(plain.slice(-3));
    }
  }

  /** The tokens that are a word, however they are written. */
  idsOf(word: string): readonly number[] {
    const wanted = this.words.find(plainWord(word));
    const ids: number[] = [];
    if (wanted >= 0) for (let id = this.word.indexOf(wanted); id >= 0; id = this.word.indexOf(wanted, id + 1)) ids.push(id);
    return ids;
  }

  at(ids: Uint32Array, position: number): Features {
    const id = ids[position] ?? 0;
    return {
      mask: this.maskAt(ids, position), word: this.word[id] ?? -1, before: position > 0 ? this.word[ids[position - 1] ?? 0] ?? -1 : -1,
      ending2: this.ending2[id] ?? -1, ending3: this.ending3[id] ?? -1,
    };
  }

  private maskAt(ids: Uint32Array, position: number): number {
    const own = this.mask[ids[position] ?? 0] ?? 0;
    const isWord = (own & STARTS_WITH_LETTER) !== 0 && (own & SPECIAL) === 0;
    if (!isWord) return own;
    // An opening quotation mark belongs to the sentence behind it.
    let at = position - 1;
    while (at >= 0 && ((this.mask[ids[at] ?? 0] ?? 0) & QUOTES) !== 0) at--;
    const before = at < 0 ? SPECIAL : this.mask[ids[at] ?? 0] ?? 0;
    if ((before & (ENDS | BREAKS | SPECIAL)) !== 0) return own | FIRST;
    const isPart = (own & STARTS_APART) === 0 && at === position - 1 && (before & ENDS_WITH_LETTER) !== 0;
    return own | (isPart ? PARTS : 0) | (!isPart && (own & CAPITALISED) !== 0 ? NAMES : 0);
  }
}
