/** Frames between the page and this process: JSON with the buffer beside it, which is how VS Code carries them. */
import type { Frame } from '../../src/shared/rpc/frames.ts';

export function encodeFrame(frame: Frame): string {
  return JSON.stringify(frame, (_, value: unknown) => (value instanceof ArrayBuffer ? { $buffer: Buffer.from(value).toString('base64') } : value));
}

export function decodeFrame(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    const buffer = (value as { readonly $buffer?: string } | null)?.$buffer;
    return typeof buffer === 'string' ? new Uint8Array(Buffer.from(buffer, 'base64')).buffer : value;
  });
}
