/** What is known of one layer's heads: the pairs of tokens with the strongest attention, one a context. */
import { contextHash, mix } from '../hash.ts';
import type { Pass } from '../passes.ts';
import { ExampleTable } from './examples.ts';
import { Strongest } from './strongest.ts';

export const PAIRS = 24;
/** Of each of the two tokens, with those before it. */
const CONTEXT_TOKENS = 2;

export interface HeadPass {
  readonly weight: Float32Array;
  readonly dest: Int32Array;
  readonly src: Int32Array;
}

export class HeadState {
  readonly layer: number;
  readonly heads: number;
  readonly examples: ExampleTable;
  private strongest: Strongest;

  constructor(layer: number, heads: number) {
    this.layer = layer;
    this.heads = heads;
    this.examples = new ExampleTable(heads, PAIRS);
    this.strongest = new Strongest(this.examples, PAIRS);
  }

  restored(): void {
    this.strongest = new Strongest(this.examples, PAIRS);
  }

  add(pass: Pass, made: HeadPass): void {
    pass.rows.forEach(({ id, row }, index) => {
      for (let head = 0; head < this.heads; head++) {
        const at = index * this.heads + head;
        const value = made.weight[at] as number;
        // A row without tokens of its own has no pair, nor has a destination that sees nothing but the first position.
        if (!(value > 0) || !this.strongest.takes(head, value)) continue;
        const position = made.dest[at] as number;
        const source = made.src[at] as number;
        const context = mix(contextHash(row.ids, position, CONTEXT_TOKENS), contextHash(row.ids, source, CONTEXT_TOKENS));
        this.strongest.add(head, { value, row: id, position, source, context });
      }
    });
  }
}
