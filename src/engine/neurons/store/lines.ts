/** Rows of an index's text, kept while they are asked for again and again. */
import type { NeuronIndex } from './index.ts';

/** Bytes of rows that are kept; beyond that all are let go of and read again. */
const KEPT = 1 << 26;

export class IndexLines {
  private readonly index: NeuronIndex;
  private readonly known = new Map<number, Uint32Array>();
  private bytes = 0;

  constructor(index: NeuronIndex) {
    this.index = index;
  }

  /** Ids of a row; none where the index lacks it. */
  ids(row: number): Uint32Array {
    const known = this.known.get(row);
    if (known) return known;
    const found = this.index.run((database) => database.prepare('SELECT ids FROM line WHERE id = ?').get(row))?.['ids'] as Uint8Array | undefined;
    const ids = new Uint32Array((found ?? new Uint8Array()).slice().buffer);
    this.bytes += ids.byteLength;
    if (this.bytes > KEPT) {
      this.known.clear();
      this.bytes = ids.byteLength;
    }
    this.known.set(row, ids);
    return ids;
  }
}
