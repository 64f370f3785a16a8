/**
 * Examples of many units (neurons or heads) in columns: a fixed number of places each. A place that is not taken has the value -Infinity.
 * Kept as a whole in memory while an index is made, and a unit at a time in the index itself.
 */
import { SKETCH } from '../probes/probes.ts';

/** Where a unit fired. */
export interface Firing {
  readonly value: number;
  readonly row: number;
  readonly position: number;
  /** Of a head, the position that is attended to. */
  readonly source: number;
  /** Of the tokens that led to it. */
  readonly context: number;
}

/** Bytes of one example in the index. */
const BYTES = 4 + 4 + 2 + 2 + 4 + SKETCH;

export class ExampleTable {
  readonly units: number;
  readonly places: number;
  readonly value: Float32Array;
  readonly row: Uint32Array;
  readonly position: Uint16Array;
  readonly source: Uint16Array;
  readonly context: Uint32Array;
  /** [units, places, SKETCH], each scaled so that its largest is 127: a direction. */
  readonly sketch: Int8Array;
  /** 1 where a unit changed since it was last written. */
  readonly changed: Uint8Array;

  constructor(units: number, places: number) {
    this.units = units;
    this.places = places;
    this.value = new Float32Array(units * places).fill(-Infinity);
    this.row = new Uint32Array(units * places);
    this.position = new Uint16Array(units * places);
    this.source = new Uint16Array(units * places);
    this.context = new Uint32Array(units * places);
    this.sketch = new Int8Array(units * places * SKETCH);
    this.changed = new Uint8Array(units);
  }

  static bytes(units: number, places: number): number {
    return units * places * BYTES;
  }

  /** `at` counts over units and places; `sketch` are numbers of a state, or none. */
  put(at: number, firing: Firing, sketch?: Float32Array): void {
    this.value[at] = firing.value;
    this.row[at] = firing.row;
    this.position[at] = firing.position;
    this.source[at] = firing.source;
    this.context[at] = firing.context;
    this.changed[Math.floor(at / this.places)] = 1;
    if (!sketch) return;
    let largest = 0;
    for (const number of sketch) largest = Math.max(largest, Math.abs(number));
    const scale = largest > 0 ? 127 / largest : 0;
    for (let index = 0; index < SKETCH; index++) this.sketch[at * SKETCH + index] = Math.round((sketch[index] ?? 0) * scale);
  }

  /** The places of a unit that are taken; of equals the earlier one first. */
  strongestFirst(unit: number): readonly number[] {
    const places = Array.from({ length: this.places }, (_, place) => unit * this.places + place).filter((at) => (this.value[at] as number) > -Infinity);
    return places.sort((a, b) => (this.value[b] as number) - (this.value[a] as number) || a - b);
  }

  /** The same, of each context only the strongest. */
  strongestOfContexts(unit: number): readonly number[] {
    const contexts = new Set<number>();
    return this.strongestFirst(unit).filter((at) => contexts.size < contexts.add(this.context[at] as number).size);
  }

  /** One unit's examples as the index keeps them: column after column. */
  encode(unit: number): Uint8Array {
    const { places } = this;
    const [from, to] = [unit * places, (unit + 1) * places];
    const bytes = new Uint8Array(places * BYTES);
    let at = 0;
    for (const column of [this.value, this.row, this.context, this.position, this.source]) {
      const part = column.subarray(from, to);
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
      at += part.byteLength;
    }
    const part = this.sketch.subarray(from * SKETCH, to * SKETCH);
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    return bytes;
  }

  /** The way back. */
  decode(unit: number, encoded: Uint8Array): void {
    const { places } = this;
    // Aligned for the columns: what comes from the index may begin anywhere.
    const bytes = encoded.slice();
    let at = 0;
    const take = <T>(make: (buffer: ArrayBuffer, offset: number) => T, size: number): T => {
      const column = make(bytes.buffer, at);
      at += places * size;
      return column;
    };
    this.value.set(take((buffer, offset) => new Float32Array(buffer, offset, places), 4), unit * places);
    this.row.set(take((buffer, offset) => new Uint32Array(buffer, offset, places), 4), unit * places);
    this.context.set(take((buffer, offset) => new Uint32Array(buffer, offset, places), 4), unit * places);
    this.position.set(take((buffer, offset) => new Uint16Array(buffer, offset, places), 2), unit * places);
    this.source.set(take((buffer, offset) => new Uint16Array(buffer, offset, places), 2), unit * places);
    this.sketch.set(take((buffer, offset) => new Int8Array(buffer, offset, places * SKETCH), SKETCH), unit * places * SKETCH);
  }
}
