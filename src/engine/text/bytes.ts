/** Bytes as byte-level vocabularies spell them, and back to text. */

/**
 * The character that stands for each byte in GPT-2's vocabulary (`bytes_to_unicode` of its encoder.py): printable Latin-1
 * stands for itself, the rest is moved behind U+0100 in order.
 */
function printableBytes(): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  let moved = 0;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    table.set(String.fromCodePoint(isPrintable ? byte : 0x100 + moved++), byte);
  }
  return table;
}

const byteOf = printableBytes();
const spellings = new Map([...byteOf].map(([character, byte]) => [byte, character]));
const utf8 = new TextEncoder();

/** A text as byte-level vocabularies spell it: a character for each of its bytes. */
export function spellBytes(text: string): string {
  // Most of most texts: one character of one byte.
  if (text.length === 1 && text < '\x80') return spellings.get(text.charCodeAt(0)) ?? '';
  return Array.from(utf8.encode(text), (byte) => spellings.get(byte) ?? '').join('');
}

/** The bytes of a byte-level token; undefined where a character stands for no byte. */
export function byteLevelBytes(token: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = byteOf.get(character);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

const byteToken = /^<0x([0-9A-Fa-f]{2})>$/;

/** The bytes of a SentencePiece-style token: `▁` is a space, `<0xE2>` a byte. */
export function byteFallbackBytes(token: string): Uint8Array {
  const match = byteToken.exec(token);
  return match?.[1] ? Uint8Array.of(parseInt(match[1], 16)) : utf8.encode(token.replaceAll('▁', ' '));
}

/** Text of some bytes; bytes that are no whole characters are shown as hex, as in `<0xE2>`. */
export function showBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, hex).join('');
  }
}

const hex = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** The byte-fallback tokens of a text. */
export const byteTokens = (text: string): readonly string[] => Array.from(utf8.encode(text), hex);
