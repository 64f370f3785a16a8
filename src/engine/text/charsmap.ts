/**
 * SentencePiece's precompiled table of normalizations: the length of a double-array trie, the trie, and the spellings, each ended by a zero
 * (`darts.h`'s units; `normalizer.cc`).
 */
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });

export interface Match {
  /** How many bytes it takes. */
  readonly bytes: number;
  readonly spelling: string;
}

export class Charsmap {
  private readonly trie: Uint32Array;
  private readonly spellings: Uint8Array;

  private constructor(trie: Uint32Array, spellings: Uint8Array) {
    this.trie = trie;
    this.spellings = spellings;
  }

  /** Throws where the bytes are no such table. */
  static read(bytes: Uint8Array): Charsmap {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = bytes.length < 4 ? -1 : view.getUint32(0, true);
    if (length < 4 || length % 4 !== 0 || 4 + length > bytes.length) throw new Error('the precompiled charsmap is cut short');
    const trie = Uint32Array.from({ length: length / 4 }, (_, index) => view.getUint32(4 + 4 * index, true));
    return new Charsmap(trie, bytes.subarray(4 + length));
  }

  /** The entries that begin with the text's first bytes, the shortest first. */
  *prefixes(of: string | Uint8Array): Generator<Match> {
    const bytes = typeof of === 'string' ? utf8.encode(of) : of;
    let unit = this.trie[0] ?? 0;
    let at = offset(unit);
    for (const [index, byte] of bytes.entries()) {
      if (byte === 0) return;
      at ^= byte;
      unit = this.trie[at] ?? 0;
      if ((unit & 0x800000ff) >>> 0 !== byte) return;
      at ^= offset(unit);
      if (unit & 0x100) yield { bytes: index + 1, spelling: this.spelling((this.trie[at] ?? 0) & 0x7fffffff) };
    }
  }

  private spelling(from: number): string {
    const end = this.spellings.indexOf(0, from);
    return text.decode(this.spellings.subarray(from, end < 0 ? undefined : end));
  }
}

const offset = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
