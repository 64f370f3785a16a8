/** What is known of one layer's neurons: figures over every token, histograms and examples. */
import { contextHash, mix } from '../hash.ts';
import type { Pass } from '../passes.ts';
import { SKETCH } from '../probes/probes.ts';
import { ExampleTable } from './examples.ts';
import { Strongest } from './strongest.ts';

/** Bins of a histogram, equally wide from `low` to `high`; what lies outside is counted in the first or the last. */
export const BINS = 20;
/** Examples that are kept of each bin, drawn from the sample. */
export const PER_BIN = 4;
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
    this.perUnit = Float32Array.from(high, (top, neuron) => BINS / (top - (low[neuron] ?? 0)));
  }

  static memory(neurons: number): number {
    return ExampleTable.bytes(neurons, PLACES) + neurons * (8 + 8 + 4 * 4 + 4 * BINS);
  }

  /** Examples were filled in from an index. */
  restored(): void {
    this.strongest = new Strongest(this.examples, TOP);
  }

  add(pass: Pass, made: MlpPass, sample: readonly number[], seed: number): void {
    for (let neuron = 0; neuron < this.neurons; neuron++) {
      this.sum[neuron] = (this.sum[neuron] as number) + (made.sum[neuron] as number);
      this.firing[neuron] = (this.firing[neuron] as number) + (made.firing[neuron] as number);
    }
    this.addLargest(pass, made);
    this.addSample(pass, made, sample, seed);
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

  /** Of each bin a uniform sample of what fell into it: the n-th takes a place with probability PER_BIN / n. */
  private addSample(pass: Pass, made: MlpPass, sample: readonly number[], seed: number): void {
    const { neurons, histogram, low, perUnit } = this;
    sample.forEach((token, index) => {
      const [inPass, position] = [Math.floor(token / pass.length), token % pass.length];
      const { id, row } = pass.rows[inPass] as Pass['rows'][number];
      const draw = mix(seed, id, position);
      let context = -1;
      for (let neuron = 0; neuron < neurons; neuron++) {
        const value = made.sample[index * neurons + neuron] as number;
        let bin = ((value - (low[neuron] as number)) * (perUnit[neuron] as number)) | 0;
        if (bin < 0) bin = 0;
        else if (bin >= BINS) bin = BINS - 1;
        const cell = neuron * BINS + bin;
        const seen = (histogram[cell] as number) + 1;
        histogram[cell] = seen;
        const drawn = seen <= PER_BIN ? seen - 1 : Math.floor(scatter(draw, cell) * seen);
        if (drawn >= PER_BIN) continue;
        if (context < 0) context = contextHash(row.ids, position, CONTEXT_TOKENS);
        this.examples.put(neuron * PLACES + TOP + bin * PER_BIN + drawn, { value, row: id, position, source: 0, context }, made.sketch.subarray(token * SKETCH, (token + 1) * SKETCH));
      }
    });
  }
}

/** A draw from 0 to 1 for each neuron from the token's own, in few steps: there is one for each activation of the sample. */
function scatter(draw: number, cell: number): number {
  let h = Math.imul(draw ^ Math.imul(cell, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return (h >>> 4) * 2 ** -28;
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
