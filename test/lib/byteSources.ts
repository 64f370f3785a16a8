/** Bytes in memory, and bytes that are counted as they are read. */
import type { ByteSource } from '../../src/engine/onnx/modelFile.ts';

export class Memory implements ByteSource {
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.bytes.length) throw new RangeError(`${length} bytes at ${offset} of ${this.bytes.length} were asked for`);
    return this.bytes.slice(offset, offset + length);
  }
}

export class Counting implements ByteSource {
  private readonly source: ByteSource;
  private readonly reads: (readonly [start: number, end: number])[] = [];

  constructor(source: ByteSource) {
    this.source = source;
  }

  get size(): number {
    return this.source.size;
  }

  read(offset: number, length: number): Uint8Array {
    this.reads.push([offset, offset + length]);
    return this.source.read(offset, length);
  }

  /** All bytes read. */
  get total(): number {
    return this.reads.reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /** Bytes read between two positions; a byte that is read twice counts twice. */
  readWithin(start: number, end: number): number {
    return this.reads.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0);
  }
}
