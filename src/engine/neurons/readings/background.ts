/** Ordinary text: how often each thing that can be said of a token holds for one, from a sample of the rows of an index. */
import type { TokenClass } from '../../../shared/neurons/readings.ts';
import { bitOf, classNames } from './traits.ts';
import type { Features, Traits } from './traits.ts';

/** Rows that are looked at, spread over the text; and tokens of them that are kept as examples of ordinary text. */
export const BACKGROUND_ROWS = 256;
const KEPT = 4096;

export class Background {
  /** Tokens of ordinary text, evenly from all rows. */
  readonly tokens: readonly Features[];
  private readonly count: number;
  private readonly classes: Float64Array;
  private readonly words: Float64Array;
  private readonly endings: Float64Array;

  constructor(rows: readonly Uint32Array[], traits: Traits) {
    this.classes = new Float64Array(classNames.length);
    this.words = new Float64Array(traits.words.all.length);
    this.endings = new Float64Array(traits.endings.all.length);
    const total = rows.reduce((sum, ids) => sum + ids.length, 0);
    const every = Math.max(1, Math.floor(total / KEPT));
    const tokens: Features[] = [];
    let count = 0;
    for (const ids of rows) {
      for (let position = 0; position < ids.length; position++) {
        const features = traits.at(ids, position);
        this.add(features);
        if (count++ % every === 0) tokens.push(features);
      }
    }
    this.tokens = tokens;
    this.count = count;
  }

  ofClass(name: TokenClass): number {
    return this.rate(this.classes[classNames.indexOf(name)]);
  }

  ofWord(word: number): number {
    return this.rate(this.words[word]);
  }

  ofEnding(ending: number): number {
    return this.rate(this.endings[ending]);
  }

  private add({ mask, word, ending2, ending3 }: Features): void {
    classNames.forEach((name, at) => {
      if ((mask & bitOf(name)) !== 0) this.classes[at] = (this.classes[at] ?? 0) + 1;
    });
    if (word >= 0) this.words[word] = (this.words[word] ?? 0) + 1;
    for (const ending of [ending2, ending3]) if (ending >= 0) this.endings[ending] = (this.endings[ending] ?? 0) + 1;
  }

  /** What was never seen may still be: half a time. */
  private rate(count = 0): number {
    return Math.min((count + 0.5) / (this.count + 1), 0.999);
  }
}
