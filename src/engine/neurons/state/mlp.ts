/** What is known of one layer's neurons: figures over every token, histograms and examples. */
import { contextHash } from '../hash.ts';
import type { Pass } from '../passes.ts';
import { SKETCH } from '../probes/probes.ts';
import { ExampleTable } from './examples.ts';
import { RESERVOIR, Reservoirs } from './reservoir.ts';
import { Strongest } from './strongest.ts';

/** Bins of a histogram, equally wide from `low` to `high`; what lies outside is counted in the first or the last. */
export const BINS = 20;
/** Examples that are kept of each bin, drawn from the sample. */
export const PER_BIN = RESERVOIR;
/** The strongest examples that are kept besides. */
export const TOP = 24;
/** A token and those before it that make a context. */
export const CONTEXT_TOKENS = 12;
export const PLACES = TOP + BINS * PER_BIN;

/** Activations below this are those of no token that counts. */
const NONE = -1e38;

/** What the probes made of a pass. */
export interface MlpPass {
  readonly sum: Float32Array;
  readonly firing: Float32Array;
  readonly largest: Float32Array;
  readonly place: Int32Array;
  readonly sample: Float32Array;
  readonly sketch: Float32Array;
}

export interface Range {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

export class MlpState {
  readonly layer: number;
  readonly neurons: number;
  readonly sum: Float64Array;
  readonly firing: Float64Array;
  readonly largest: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** [neurons, BINS], of the sampled tokens. */
  readonly histogram: Uint32Array;
  readonly examples: ExampleTable;
  private strongest: Strongest;
  private drawn: Reservoirs;
  private readonly perUnit: Float32Array;

  constructor(layer: number, neurons: number, { low, high }: Range) {
    this.layer = layer;
    this.neurons = neurons;
    this.low = low;
    this.high = high;
    this.sum = new Float64Array(neurons);
    this.firing = new Float64Array(neurons);
    this.largest = new Float32Array(neurons).fill(-Infinity);
    this.histogram = new Uint32Array(neurons * BINS);
    this.examples = new ExampleTable(neurons, PLACES);
    this.strongest = new Strongest(this.examples, TOP);
    this.drawn = new Reservoirs(this.histogram, layer);
    this.perUnit = Float32Array.from(high, (top, neuron) => BINS / (top - (low[neuron] ?? 0)));
  }

  static memory(neurons: number): number {
    return ExampleTable.bytes(neurons, PLACES) + neurons * (8 + 8 + 4 * 4 + 4 * BINS);
  }

  /** Histogram and examples were filled in from an index. */
  restored(): void {
    this.strongest = new Strongest(this.examples, TOP);
    this.drawn = new Reservoirs(this.histogram, this.layer);
  }

  add(pass: Pass, made: MlpPass, sample: readonly number[]): void {
    for (let neuron = 0; neuron < this.neurons; neuron++) {
      this.sum[neuron] = (this.sum[neuron] as number) + (made.sum[neuron] as number);
      this.firing[neuron] = (this.firing[neuron] as number) + (made.firing[neuron] as number);
    }
    this.addLargest(pass, made);
    sample.forEach((token, index) => this.addToken(pass, made, token, index));
  }

  private addLargest(pass: Pass, { largest, place, sketch }: MlpPass): void {
    const { neurons, strongest } = this;
    pass.rows.forEach(({ id, row }, index) => {
      for (let neuron = 0; neuron < neurons; neuron++) {
        const value = largest[index * neurons + neuron] as number;
        if (value < NONE) continue;
        if (value > (this.largest[neuron] as number)) this.largest[neuron] = value;
        if (!strongest.takes(neuron, value)) continue;
        const position = place[index * neurons + neuron] as number;
        const from = (index * pass.length + position) * SKETCH;
        strongest.add(neuron, { value, row: id, position, source: 0, context: contextHash(row.ids, position, CONTEXT_TOKENS) }, sketch.subarray(from, from + SKETCH));
      }
    });
  }

  /** Counts a token in the histograms; of each bin a uniform sample of what fell into it is kept. The loop is all that most activations take. */
  private addToken(pass: Pass, made: MlpPass, token: number, index: number): void {
    const { neurons, histogram, low, perUnit, drawn } = this;
    const { next } = drawn;
    const values = made.sample.subarray(index * neurons, (index + 1) * neurons);
    for (let neuron = 0; neuron < neurons; neuron++) {
      let bin = (((values[neuron] as number) - (low[neuron] as number)) * (perUnit[neuron] as number)) | 0;
      if (bin < 0) bin = 0;
      else if (bin >= BINS) bin = BINS - 1;
      const cell = neuron * BINS + bin;
      const seen = (histogram[cell] as number) + 1;
      histogram[cell] = seen;
      if (seen === next[cell]) this.keep(pass, made, token, { at: neuron * PLACES + TOP + bin * PER_BIN + drawn.take(cell), value: values[neuron] as number });
    }
  }

  private keep({ rows, length }: Pass, { sketch }: MlpPass, token: number, { at, value }: { readonly at: number; readonly value: number }): void {
    const position = token % length;
    const { id, row } = rows[Math.floor(token / length)] as Pass['rows'][number];
    this.examples.put(at, { value, row: id, position, source: 0, context: contextHash(row.ids, position, CONTEXT_TOKENS) }, sketch.subarray(token * SKETCH, (token + 1) * SKETCH));
  }
}

/** Ranges from the activations of the first tokens: as wide as a neuron's own, and, for those that hardly fire there, as half of the layer's at least. */
export class RangeFinder {
  private readonly low: Float32Array;
  private readonly high: Float32Array;

  constructor(neurons: number) {
    this.low = new Float32Array(neurons).fill(Infinity);
    this.high = new Float32Array(neurons).fill(-Infinity);
  }

  add(sample: Float32Array): void {
    const { low, high } = this;
    const count = low.length;
    for (let at = 0; at < sample.length; at++) {
      const value = sample[at] as number;
      const neuron = at % count;
      if (value < (low[neuron] as number)) low[neuron] = value;
      if (value > (high[neuron] as number)) high[neuron] = value;
    }
  }

  range(): Range {
    const typical = [...this.high].sort((a, b) => a - b)[this.high.length >> 1] ?? 0;
    const low = this.low.map((value) => (Number.isFinite(value) ? value : 0));
    const high = this.high.map((value, neuron) => {
      const top = Math.max(Number.isFinite(value) ? value : 0, Number.isFinite(typical) ? typical : 0);
      return top > (low[neuron] ?? 0) ? top : (low[neuron] ?? 0) + 1;
    });
    return { low, high };
  }
}
